"""Write an example that runs a network, and the files that make a library of its folder."""

import json
import textwrap

from inkpin.model.converter.codegen.c_source import CSource, Parameter
from inkpin.model.converter.integer_program import IntegerProgram
from inkpin.model.converter.ir import Input, Output

_HALF = {"bytes": "0.5", "bits": "0.5", "int16": "(code < 0 ? -0.5 : 0.5)"}
"""What rounds a number where a conversion cuts it, by how it is held."""

_ENDED = (
    "            if (i == 0 && step > 0) {\n                return 0; /* no further step */\n"
    "            }\n"
)


def example_text(source: CSource, program: IntegerProgram) -> str:
    """Return the text of NAME_example.c: numbers in, label and score out."""
    name, ink = source.name, source.name.upper()
    statics = source.storage
    for parameter in source.inputs:
        if parameter.steps:
            for what in ("steps", "starts"):
                macro = f"{ink}_{parameter.name}_{what}".upper()
                statics.append(f"static const double {parameter.name}_{what}[] = {{{macro}}};")
    reading = "\n".join(
        _reading(parameter, program, given)
        for parameter, given in zip(source.inputs, program.inputs, strict=True)
    )
    saying = "the best class and its score" if source.output.count > 1 else "the output"
    if source.structure:
        saying = "every output on a line"
    work = f"{reading}    {source.invocation}\n{_saying(source, program)}"
    if source.state:
        saying += ", for every step"
        more = work.replace("            fprintf", f"{_ENDED}            fprintf", 1)
        work = f"    {name}_reset(state);\n    for (int step = 0;; step++) {{\n"
        work += f"{textwrap.indent(more, '    ')}    }}\n"
    else:
        work += "    return 0;\n"
    return (
        f"/* Reads the input of {name} as numbers from standard input, in the model's order, and\n"
        f" * prints {saying}:\n"
        f" *     cc -std=c99 {name}_example.c {name}.c ink_*.c -o {name}_example */\n"
        f'#include <stdio.h>\n\n#include "{name}.h"\n\n' + "\n".join(statics) + "\n\n"
        "int main(void) {\n"
        f"    double number;\n{work}}}\n"
    )


def _saying(source: CSource, program: IntegerProgram) -> str:
    """Return the statements that print the answer."""
    if source.structure:
        return "".join(
            map(_printing, source.outputs, program.outputs, [program] * len(source.outputs))
        )
    out = source.output.name
    if source.output.count == 1:
        held = program.types[program.output]
        zero = held.quantisation.zero_point if held.kind == "bytes" else 0
        return f'    printf("%g\\n", ({out}[0] - {zero}) * {held.quantisation.scale!r});\n'
    shown = f"{source.name}_labels[best]" if source.labels else "best"
    conversion = "%s" if source.labels else "%d"
    return (
        "    int best = 0;\n"
        f"    for (int i = 1; i < {source.name.upper()}_CLASSES; i++) {{\n"
        f"        best = {out}[i] > {out}[best] ? i : best;\n"
        "    }\n"
        f'    printf("{conversion} %ld\\n", {shown}, (long){out}[best]);\n'
    )


def _printing(parameter: Parameter, output: Output, program: IntegerProgram) -> str:
    """Return the statements that print one of several outputs as real numbers."""
    held = program.types[output.value]
    zero = held.quantisation.zero_point if held.kind == "bytes" else 0
    number = f"(outputs.{parameter.name}[i] - {zero}) * {held.quantisation.scale!r}"
    return (
        f'    printf("{parameter.name}");\n'
        f"    for (int i = 0; i < {parameter.count}; i++) {{\n"
        f'        printf(" %g", {number});\n'
        '    }\n    printf("\\n");\n'
    )


def _reading(parameter: Parameter, program: IntegerProgram, given: Input) -> str:
    """Return the loop that fills one input."""
    held = program.types[given.name]
    count, where = parameter.count, f"{parameter.name}[i]"
    step = f"number / {held.quantisation.scale!r} + {held.quantisation.zero_point}"
    if given.byte_offset is not None:
        step = f"number + {given.byte_offset}"
    if parameter.steps:
        at = f"[{parameter.feature}]"
        step = f"(number - {parameter.name}_starts{at}) / {parameter.name}_steps{at}"
    low, high = held.quantisation.codes[[0, -1]]
    take = (
        f"        const double code = {step};\n"
        f"        {where} = ({held.c_element})"
        f"(code < {low} ? {low} : code > {high} ? {high} : code + {_HALF[held.kind]});\n"
    )
    if given.threshold is not None:
        take = f"        {where} = number > {given.threshold!r};\n"
    if held.kind == "bits":
        width = held.shape[-1]
        count *= width
        take = (
            f"        {parameter.name}[i / {width}] |= "
            f"(uint32_t)(number > {given.threshold!r}) << (i % {width});\n"
        )
    return (
        f"    for (int i = 0; i < {count}; i++) {{\n"
        '        if (scanf("%lf", &number) != 1) {\n'
        f'            fprintf(stderr, "{count} numbers are needed for {parameter.name}\\n");\n'
        "            return 2;\n        }\n"
        f"{take}    }}\n"
    )


def library_files(source: CSource) -> dict[str, str]:
    """Return what PlatformIO and the Arduino IDE read beside src/, by path."""
    name = source.name
    about = f"The network {name} as fixed-point C"
    properties = {
        "name": f"ink_{name}",
        "version": "1.0.0",
        "author": "inkpin-model convert",
        "maintainer": "inkpin-model convert",
        "sentence": about,
        "paragraph": "No malloc, no stdio, no floats.",
        "category": "Data Processing",
        "url": "https://onnx.ai",
        "architectures": "*",
        "includes": f"{name}.h",
    }
    manifest = {"name": f"ink_{name}", "version": "1.0.0", "description": about}
    begin = f"    {name}_reset(state);\n" if source.state else ""
    sketch = (
        f"#include <{name}.h>\n\n"
        + "\n".join(source.storage)
        + f"\n\nvoid setup() {{\n    Serial.begin(115200);\n{begin}}}\n\n"
        "void loop() {\n"
        f"    // Fill the input here; {name}.h says what it means.\n"
        f"    {source.invocation}\n{_telling(source)}    delay(1000);\n}}\n"
    )
    return {
        "library.properties": "".join(f"{key}={value}\n" for key, value in properties.items()),
        "library.json": json.dumps(manifest, indent=2) + "\n",
        f"examples/{name}/{name}.ino": sketch,
    }


def _telling(source: CSource) -> str:
    """Return the statements of a sketch that print the best class, or each output's start."""
    if source.structure:
        return "".join(f"    Serial.println(outputs.{each.name}[0]);\n" for each in source.outputs)
    out = source.output.name
    return (
        "    int best = 0;\n"
        f"    for (int i = 1; i < {source.name.upper()}_CLASSES; i++) {{\n"
        f"        if ({out}[i] > {out}[best]) {{\n"
        "            best = i;\n        }\n    }\n"
        "    Serial.println(best);\n"
    )
