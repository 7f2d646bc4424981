"""Einsum: a value in another order, or what products of matrices are, with constants or not."""

import re

import numpy as np

from inkpin.model.converter.ir import size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import product
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.dense import add_dense
from inkpin.model.converter.onnx.operators.products import add_product
from inkpin.model.converter.onnx.registry import operator

_EQUATION = re.compile(r"([a-zA-Z]+)(?:,([a-zA-Z]+))?(?:->([a-zA-Z]*))?")


@operator("Einsum", fold=product)
def einsum(build: Builder, node: Node) -> None:
    """What takes letters of one operand apart, or sums over letters that both have."""
    text = node.attributes["equation"].decode().replace(" ", "")
    found = _EQUATION.fullmatch(text)
    if found is None or len(node.inputs) != 2 - (found[2] is None):
        raise node.refuse(f"the equation {text!r} is not supported: name every axis by a letter")
    terms, out = [term for term in found.groups()[:2] if term], found[3]
    if out is None:
        letters = "".join(terms)
        out = "".join(sorted(letter for letter in letters if letters.count(letter) == 1))
    if any(len({*term}) != len(term) for term in (*terms, out)):
        raise node.refuse(f"a letter twice in one term of {text!r} is not supported")
    if len(terms) == 1:
        if {*out} != {*terms[0]}:
            raise node.refuse(f"a sum over one operand, {text!r}, is not supported: ReduceSum is")
        order = [terms[0].index(letter) for letter in out]
        build.gather(node, [build.value(node)], lambda index: index.transpose(order))
        return
    place = int(build.is_constant(node, 0))
    _product(build, node, place, (terms[place], terms[1 - place]), out)


def _product(build: Builder, node: Node, place: int, terms: tuple[str, str], out: str) -> None:
    """Append a product of matrices, or a batch of them.

    Args:
        build: the network so far.
        node: the node.
        place: which operand gives the rows, a computed value.
        terms: letters of that one, and of the other, which may be constant.
        out: letters of the output.
    """
    ours, theirs = terms
    value, fixed = build.value(node, place), build.is_constant(node, 1 - place)
    shape = build.shape(value)
    constant = build.constant(node, 1 - place).astype(float) if fixed else None
    other = "" if constant is not None else build.value(node, 1 - place)
    shapes = shape, build.shape(other) if constant is None else constant.shape
    if [*map(len, shapes)] != [*map(len, terms)]:
        raise node.refuse(f"its operands do not fit {','.join(terms)}")
    sides = dict(zip(ours, shape, strict=True))
    sides |= zip(theirs, shapes[1], strict=True)
    both = [letter for letter in ours if letter in theirs]
    batch = [letter for letter in both if letter in out]
    summed = [letter for letter in both if letter not in out]
    rows = [letter for letter in ours if letter not in both]
    columns = [letter for letter in theirs if letter not in both]
    if not {*rows, *columns, *batch} == {*out}:
        raise node.refuse("a sum over one operand alone is not supported: ReduceSum is")
    if [sides[letter] for letter in ours] != list(shape):
        raise node.refuse(f"its operands do not fit {','.join(terms)}")

    def count(letters: list[str]) -> int:
        return size([sides[letter] for letter in letters])

    outer = [sides[letter] for letter in batch]
    order = [ours.index(letter) for letter in (*batch, *rows, *summed)]
    name = build.gather(
        node,
        [value],
        lambda index: index.transpose(order).reshape(*outer, count(rows), count(summed)),
        ".rows",
    )
    places = [theirs.index(letter) for letter in (*batch, *columns, *summed)]
    matrix = (*outer, count(columns), count(summed))
    if constant is not None:
        weights = constant.transpose(places).reshape(matrix)
        sums = add_dense(build, node, name, weights, np.zeros(count(columns)), None, ".sums")
    else:
        second = build.gather(
            node,
            [other],
            lambda index: np.swapaxes(index.transpose(places).reshape(matrix), -1, -2),
            ".columns",
        )
        sums = add_product(build, node, name, second, ".sums")
    made = [*batch, *rows, *columns]
    build.gather(
        node,
        [sums],
        lambda index: index.reshape([sides[letter] for letter in made]).transpose(
            [made.index(letter) for letter in out]
        ),
    )
