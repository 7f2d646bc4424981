/* A plugin for QEMU 7.2: counts the instructions executed in each function.
 *
 *     qemu-xtensa -plugin insncount.so,out=FILE ...
 *
 * FILE gets a line "COUNT FUNCTION" for each function that was entered, "?" for code without a
 * symbol. Every instruction is translated into one that also adds to its function's counter, so
 * the counts are exact. Debian's QEMU comes without its plugin header: what is used stands here.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t,
                                                            struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *),
                                    void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction,
                                                enum qemu_plugin_op operation, void *counter,
                                                uint64_t addend);

/* What QEMU looks up by name. */
extern int qemu_plugin_version;
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

int qemu_plugin_version = 1;

/* A list, not a table: translated code keeps pointers to the counters. */
struct function {
    struct function *next;
    const char *name;
    uint64_t count;
};

static struct function *functions;
static FILE *output;

static uint64_t *counter(const char *name) {
    if (name == NULL || *name == '\0') {
        name = "?";
    }
    for (struct function *known = functions; known != NULL; known = known->next) {
        if (strcmp(known->name, name) == 0) {
            return &known->count;
        }
    }
    struct function *fresh = malloc(sizeof *fresh);
    if (fresh == NULL) {
        abort();
    }
    *fresh = (struct function){.next = functions, .name = name};
    functions = fresh;
    return &fresh->count;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   counter(qemu_plugin_insn_symbol(instruction)),
                                                   1);
    }
}

static void report(qemu_plugin_id_t id, void *user) {
    (void)id;
    (void)user;
    for (const struct function *known = functions; known != NULL; known = known->next) {
        fprintf(output, "%" PRIu64 " %s\n", known->count, known->name);
    }
    fclose(output);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) {
        return -1;
    }
    output = fopen(argv[0] + 4, "w");
    if (output == NULL) {
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
