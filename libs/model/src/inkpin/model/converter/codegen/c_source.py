"""The C of a network, and what a caller has to know of it."""

from dataclasses import dataclass
from pathlib import Path

from inkpin.common.files import replacing


@dataclass(frozen=True)
class Parameter:
    """An argument of the function, or a field of the structure of several outputs.

    Attributes:
        name: in C.
        element: its type.
        count: of elements.
        meaning: for the header's comment.
        steps: what a byte of each feature is worth, where features have units of their own.
        starts: what its byte 0 stands for.
        each: elements side by side that are of one feature.
    """

    name: str
    element: str
    count: int
    meaning: str
    steps: tuple[float, ...] = ()
    starts: tuple[float, ...] = ()
    each: int = 1

    @property
    def declaration(self) -> str:
        """As a parameter that is read."""
        return f"const {self.element} {self.name}[{self.count}]"

    @property
    def feature(self) -> str:
        """The C expression of which feature number i belongs to."""
        feature = f"i / {self.each}" if self.each > 1 else "i"
        again = len(self.steps) * self.each < self.count
        return f"{feature} % {len(self.steps)}" if again else feature


@dataclass(frozen=True)
class CSource:
    """The C of a network.

    Attributes:
        name: prefix of its files and identifiers.
        header: text of NAME.h.
        body: text of NAME.c.
        arena: bytes of working memory that the caller passes.
        arena_element: its type.
        memory: words that ink_predict works in with it: arena and logits.
        inputs: the arguments that are read.
        outputs: the arguments that are written: one, or the fields of one structure.
        c_files: names of the kernels' C files and headers that it needs beside ink_kernels.h.
        labels: of the scores, from the metadata; empty if there are none.
        state: words that are kept from one step to the next; 0 where it runs at once.
        reads_drawings: whether ink_predict takes it, as NAME_model: 28x28 bits in, labels and a
            confidence table out.
    """

    name: str
    header: str
    body: str
    arena: int
    arena_element: str
    memory: int
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    c_files: tuple[str, ...]
    labels: tuple[str, ...]
    state: int
    reads_drawings: bool

    @property
    def output(self) -> Parameter:
        """The only output, or the first."""
        return self.outputs[0]

    @property
    def structure(self) -> str | None:
        """The type of the structure of several outputs; None for one."""
        return f"{self.name}_outputs" if len(self.outputs) > 1 else None

    @property
    def function(self) -> str:
        """The C function that computes."""
        return f"{self.name}_step" if self.state else f"{self.name}_run"

    @property
    def storage(self) -> list[str]:
        """C definitions of what a caller provides: inputs, output, state, arena."""
        ink = self.name.upper()
        arena = f"{ink}_ARENA" + (" / 4" if self.arena_element == "int32_t" else "")
        return [
            *(f"static {each.element} {each.name}[{each.count}];" for each in self.inputs),
            f"static {self.structure} outputs;"
            if self.structure
            else f"static {self.output.element} {self.output.name}[{ink}_CLASSES];",
            *([f"static int32_t state[{ink}_STATE];"] if self.state else []),
            f"static {self.arena_element} arena[{arena}];",
        ]

    @property
    def invocation(self) -> str:
        """The C statement that runs the network on that storage."""
        output = "&outputs" if self.structure else self.output.name
        working = ["state", "arena"] if self.state else ["arena"]
        arguments = ", ".join([*(each.name for each in self.inputs), output, *working])
        return f"{self.function}({arguments});"

    def write(self, folder: Path) -> list[Path]:
        """Write NAME.h and NAME.c; return the files.

        Raises:
            InputError: the folder cannot be written to.
        """
        texts = {f"{self.name}.h": self.header, f"{self.name}.c": self.body}
        for name, text in texts.items():
            with replacing(folder / name) as file:
                file.write(text.encode())
        return [folder / name for name in texts]
