"""Modules out of C, and what runs them."""

import pytest

from inkpin import wasm
from inkpin.common import InputError, UnavailableError

SOURCE = """
#include <string.h>
#include <stdint.h>
int32_t __attribute__((import_module("test"), import_name("ask"))) ask(int32_t number);
int32_t __attribute__((export_name("twice"))) twice(int32_t number);
const char *__attribute__((export_name("copy"))) copy(void);
int32_t twice(int32_t number) { return 2 * ask(number); }
static char text[8];
const char *copy(void) {
    memcpy(text, "hello", 6);
    return text;
}
"""
SCRIPT = """
import { readFileSync } from "node:fs";
const imports = { test: { ask: (number) => number + 1 } };
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), imports);
const { twice, copy, memory } = instance.exports;
const text = Buffer.from(memory.buffer, copy(), 5).toString();
console.log(twice(20), text, readFileSync(0, "utf8"));
"""


def test_a_module_calls_and_is_called(tmp_path):
    source, script = tmp_path / "source.c", tmp_path / "script.mjs"
    source.write_text(SOURCE)
    script.write_text(SCRIPT)
    module = wasm.build([source])
    assert wasm.run(script, str(module), data=b"input") == b"42 hello input\n"
    assert wasm.build([source]) == module


def test_a_warning_is_an_error_but_for_upstream_code(tmp_path):
    source = tmp_path / "narrow.c"
    source.write_text("char narrow(int wide);\nchar narrow(int wide) { return wide; }\n")
    with pytest.raises(InputError, match=r"does not build for WebAssembly: .*narrow\.c:2"):
        wasm.build([source])
    assert wasm.build([], upstream=[source]).read_bytes().startswith(b"\0asm")


def test_a_function_that_is_nowhere_is_named(tmp_path):
    source = tmp_path / "lost.c"
    source.write_text(
        "void lost(void);\n"
        'void __attribute__((export_name("find"))) find(void);\n'
        "void find(void) { lost(); }\n"
    )
    with pytest.raises(InputError, match="undefined symbol: lost"):
        wasm.build([source])


def test_a_script_that_gives_up_says_why(tmp_path):
    script = tmp_path / "script.mjs"
    script.write_text('throw new Error("no such luck");')
    with pytest.raises(InputError, match=r"script\.mjs: Error: no such luck"):
        wasm.run(script)


def test_what_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="apt-get install nodejs"):
        wasm.node()
    assert wasm.available() == "not found: clang, wasm-ld (Debian: apt-get install clang lld)"
