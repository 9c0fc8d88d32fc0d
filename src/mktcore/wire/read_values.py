"""From plain JSON values to values: exact types, every fault with its path, nothing guessed."""

from typing import Any

from cattrs import BaseConverter

from mktcore.errors import MktcoreError
from mktcore.wire.annotations import AnnotationShape, find_json_type, has_text_keys, split_null, take_apart
from mktcore.wire.direct_hook import bind_hook, call_hook
from mktcore.wire.errors import InvalidDocument, UnsupportedType
from mktcore.wire.read_collections import Reader, read_items, read_mapping, read_pairs, read_row, read_set, read_tuple
from mktcore.wire.refuse_value import describe_json, refuse_type
from mktcore.wire.registry import Registry
from mktcore.wire.scalars import SCALARS

__all__ = ["TAG", "build_reader", "read_any", "split_tag"]

TAG = "$type"
"""Key of an object that says which type it is; no field of a class can be called so."""
MAX_DEPTH = 64
"""How deep values whose type says nothing about their depth may nest."""

_MISSING = object()


def build_reader(  # noqa: C901 - one branch per shape, flat
    annotation: object, converter: BaseConverter, registry: Registry
) -> Reader:
    """Return the function that reads values of an annotation.

    Raises:
        UnsupportedType: The wire cannot carry it.
        UnregisteredType: It is a union of classes, and one has no tag.
    """
    shape = take_apart(annotation)
    if shape.name == "scalar":
        return SCALARS[shape.type].read
    if shape.name == "class" and registry.list_members(shape.type):
        return _read_member(shape.type, converter, registry)
    if shape.name in {"class", "host"}:
        return bind_hook(converter.get_structure_hook(shape.type), shape.type)
    if shape.name == "any":
        return lambda data: read_any(data, converter, registry)
    if shape.name == "enum":
        return _read_choice({member.value: member for member in shape.type})
    if shape.name == "literal":
        return _read_choice({value: value for value in shape.type})
    if shape.name == "null":
        return _read_null
    if shape.name == "union":
        return _build_union(shape, converter, registry)
    readers = tuple(build_reader(part, converter, registry) for part in shape.parts)
    if shape.name == "row":
        return read_row(readers)
    if shape.name == "mapping":
        return read_mapping(*readers) if has_text_keys(shape.parts[0]) else read_pairs(*readers)
    if shape.name == "set":
        return read_set(readers[0])
    return read_tuple(readers[0])


def _read_null(data: object) -> None:
    if data is not None:
        raise refuse_type(data, "null")


def _read_choice(choices: dict[object, object]) -> Reader:
    # By type too: to Python, True is 1.
    by_value = {(type(value), value): member for value, member in choices.items()}
    by_text = {value: member for value, member in choices.items() if type(value) is str}
    listed = ", ".join(map(repr, choices))[:200]

    def read(data: object) -> object:
        if type(data) is str and data in by_text:
            return by_text[data]
        found = by_value.get((type(data), data), _MISSING) if isinstance(data, (str, int)) else _MISSING
        if found is _MISSING:
            raise InvalidDocument.at("", "wire.unknown-choice", f"expected one of {listed}, not {describe_json(data)}")
        return found

    return read


def _build_union(shape: AnnotationShape, converter: BaseConverter, registry: Registry) -> Reader:
    members, nullable = split_null(shape.type)
    classes = [part for part in members if take_apart(part).name == "class"]
    if len(classes) > 1:
        members = tuple(part for part in members if part not in classes)
    by_type: dict[type, Reader] = {}
    for part in members:
        kind = find_json_type(part)
        if kind in by_type or (kind is dict and len(classes) > 1):
            raise UnsupportedType(shape.type, "two of its members look alike in JSON; make them registered classes")
        by_type[kind] = build_reader(part, converter, registry)
    if len(classes) > 1:
        by_type[dict] = _read_tagged(frozenset(map(registry.get_type, classes)), converter, registry)

    def read(data: object) -> object:
        if data is None and nullable:
            return None
        reader = by_type.get(type(data))
        if reader is None:
            raise refuse_type(data, " or ".join(getattr(part, "__name__", str(part)) for part in shape.parts))
        return reader(data)

    return read


def _read_tagged(members: frozenset[Any], converter: BaseConverter, registry: Registry) -> Reader:
    def read(data: Any) -> object:
        registration, fields = split_tag(data, registry)
        if registration not in members:
            names = ", ".join(sorted(member.name for member in members))
            raise InvalidDocument.at(TAG, "wire.wrong-tag", f"expected one of {names}, not {registration.name}")
        return call_hook(converter.get_structure_hook(registration.type), registration.type, fields)

    return read


def _read_member(base: type, converter: BaseConverter, registry: Registry) -> Reader:
    def read(data: Any) -> object:
        if type(data) is not dict:
            raise refuse_type(data, f"an object ({base.__name__})")
        registration, fields = split_tag(data, registry)
        if not issubclass(registration.type, base):  # asked anew each time: hosts register classes at any time
            message = f"expected a {base.__name__}, not {registration.name}"
            raise InvalidDocument.at(TAG, "wire.wrong-tag", message)
        return call_hook(converter.get_structure_hook(registration.type), registration.type, fields)

    return read


def split_tag(data: dict[str, object], registry: Registry) -> tuple[Any, dict[str, object]]:
    """Return the registration that an object's tag names, and its other fields in the present version.

    Raises:
        InvalidDocument: It has no tag, or an unknown one.
    """
    # A copy: the tag stays in the document for whoever reads it again.
    fields = dict(data)
    name = fields.pop(TAG, None)
    if type(name) is not str:
        raise InvalidDocument.at(TAG, "wire.missing-tag", "an object here says which type it is")
    try:
        return registry.upcast(name, fields)
    except InvalidDocument:
        raise
    except MktcoreError as error:
        raise InvalidDocument((error.to_notice(TAG),)) from None


def read_any(data: object, converter: BaseConverter, registry: Registry, *, depth: int = 0) -> object:
    """Read a value whose type the field does not say: plain JSON, or an object with a tag; never a float.

    Raises:
        InvalidDocument: Nested deeper than 64, a float, or an unknown tag.
    """
    if data is None or type(data) in {str, int, bool}:
        return data
    if depth >= MAX_DEPTH:
        raise InvalidDocument.at("", "wire.too-deep", f"nested deeper than {MAX_DEPTH}")
    if type(data) is list:
        # Tuples: what was read cannot change.
        return tuple(read_items(data, lambda item: read_any(item, converter, registry, depth=depth + 1)))
    if type(data) is not dict:
        raise refuse_type(data, "a text, an int, a boolean, null, an array or an object")
    if TAG in data:
        registration, fields = split_tag(data, registry)
        return call_hook(converter.get_structure_hook(registration.type), registration.type, fields)
    return read_mapping(_read_key, lambda item: read_any(item, converter, registry, depth=depth + 1))(data)


def _read_key(key: object) -> object:
    return key
