"""The syntax tree of a compiled CEL question, read out of the checked expression that the library serializes.

So the proof judges exactly what the run time evaluates: one parser for both. Wire format: protobuf encoding, and the
messages `CheckedExpr`, `Expr`, `Constant` and `Reference` of cel-spec (proto/cel/expr/checked.proto, syntax.proto);
the field numbers below are theirs.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Constant = bool | int | float | str | bytes | None


@dataclass(frozen=True)
class Const:
    value: Constant


@dataclass(frozen=True)
class Variable:
    """A declared value, by its whole name: `client.country`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function or operator on its arguments: `_&&_`, `_==_`, `@in`, `startsWith`; what has no name here is `?`."""

    function: str
    arguments: tuple["Tree", ...]


@dataclass(frozen=True)
class Listed:
    items: tuple["Tree", ...]


Tree = Const | Variable | Call | Listed


def tree(serialized: bytes) -> Tree:
    """The tree of a serialized checked expression."""
    names: dict[int, str] = {}
    body = b""
    for number, value in _fields(dict(_fields(serialized))[2]):
        if number == 2:  # reference_map: expression id → Reference(name = 1)
            entry = dict(_fields(value))
            reference = dict(_fields(entry[2]))
            if 1 in reference:
                names[entry[1]] = reference[1].decode()
        elif number == 4:
            body = value
    return _expression(body, names)


def variables(node: Tree) -> frozenset[str]:
    """The names that a tree mentions: values and facts."""
    if isinstance(node, Variable):
        return frozenset({node.name})
    parts = node.arguments if isinstance(node, Call) else node.items if isinstance(node, Listed) else ()
    return frozenset().union(*map(variables, parts))


def _expression(buffer: bytes, names: Mapping[int, str]) -> Tree:
    parts = list(_fields(buffer))
    ident = next((value for number, value in parts if number == 2), 0)
    if ident in names and any(number in (4, 5) for number, _ in parts):
        return Variable(names[ident])
    for number, value in parts:
        if number == 3:
            return Const(_constant(value))
        if number == 4:
            return Variable(dict(_fields(value))[1].decode())
        if number == 5:
            return Call("?", (_expression(dict(_fields(value))[1], names),))
        if number == 6:
            return _call(value, names)
        if number == 7:
            return Listed(tuple(_expression(item, names) for key, item in _fields(value) if key == 1))
    return Call("?", ())


def _call(buffer: bytes, names: Mapping[int, str]) -> Call:
    """Call: target = 1, function = 2, args = 3; a target is the first argument."""
    fields = list(_fields(buffer))
    function = next(value.decode() for number, value in fields if number == 2)
    return Call(
        function,
        tuple(_expression(value, names) for number, value in sorted(fields, key=_field) if number != 2),
    )


def _constant(buffer: bytes) -> Constant:
    for number, value in _fields(buffer):
        if number == 2:
            return bool(value)
        if number == 3:
            return value - (1 << 64) if value >> 63 else value
        if number == 4:
            return value
        if number == 5:
            return float(struct.unpack("<d", value)[0])
        if number == 6:
            return str(value.decode())
        if number == 7:
            return bytes(value)
    return None


def _field(pair: tuple[int, Any]) -> int:
    return pair[0]


def _fields(buffer: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message, in their order (protobuf wire types 0, 1, 2 and 5)."""
    place = 0
    while place < len(buffer):
        tag, place = _varint(buffer, place)
        wire = tag & 7
        if wire == 0:
            value, place = _varint(buffer, place)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if size is None:
            size, place = _varint(buffer, place)
        yield tag >> 3, buffer[place : place + size]
        place += size


def _varint(buffer: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = buffer[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place
