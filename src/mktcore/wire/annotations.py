"""What an annotation means, taken apart once: the same shapes serve reading, writing and JSON Schema."""

import collections.abc
import typing
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Final, Literal, NewType, get_args, get_origin

import attrs

from mktcore.wire.errors import UnsupportedType
from mktcore.wire.scalars import SCALARS

__all__ = [
    "AnnotationShape",
    "WireField",
    "find_json_type",
    "has_text_keys",
    "is_told_by_texts",
    "list_fields",
    "split_null",
    "take_apart",
]

_SEQUENCES = {tuple, collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable}
_SETS = {frozenset, collections.abc.Set}
_MAPPINGS = {dict, collections.abc.Mapping}


@attrs.frozen
class AnnotationShape:
    """What an annotation is: how it is read, and of which parts.

    Attributes:
        name: "scalar", "enum", "literal", "class", "any", "tuple", "row" (a tuple of given length), "set", "mapping",
            "union", "null" or "host" (whatever the converter's own hooks make of it).
        type: The scalar's, enum's or class's type, or a literal's values.
        parts: Annotations of its parts.
    """

    name: str
    type: Any
    parts: tuple[Any, ...] = ()


@attrs.frozen
class WireField:
    """One field of a class, as it travels: under its public name.

    Attributes:
        omitted: The default with which it is left out of documents; `attrs.NOTHING` where it always stands in them.
    """

    name: str
    argument: str
    attribute: str
    annotation: Any
    required: bool
    keyword: bool
    omitted: Any = attrs.NOTHING


def take_apart(annotation: Any) -> AnnotationShape:  # noqa: C901, PLR0912 - one branch per shape, flat, in order of frequency
    """Return the shape of an annotation.

    Raises:
        UnsupportedType: It names no type, or one that changes in place.
    """
    if annotation in SCALARS:
        return AnnotationShape("scalar", annotation)
    if annotation is None or annotation is NoneType:
        return AnnotationShape("null", NoneType)
    if annotation is Any or annotation is object:
        return AnnotationShape("any", object)
    origin = get_origin(annotation)
    parts = get_args(annotation)
    if origin is None:
        if isinstance(annotation, NewType):
            return take_apart(annotation.__supertype__)
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return AnnotationShape("enum", annotation)
        if isinstance(annotation, type) and attrs.has(annotation):
            return AnnotationShape("class", annotation)
        if annotation in _SEQUENCES | _SETS | _MAPPINGS:
            raise UnsupportedType(annotation, "it does not say of what")
        return AnnotationShape("host", annotation)
    # What else it says is for other tools.
    if origin is Annotated or origin is Final:
        return take_apart(parts[0])
    if origin is Literal:
        return AnnotationShape("literal", parts)
    if origin in {UnionType, typing.Union}:
        return AnnotationShape("union", annotation, parts)
    if origin is tuple and (len(parts) != 2 or parts[1] is not Ellipsis):  # noqa: PLR2004 - tuple[X, ...]
        return AnnotationShape("row", tuple, () if parts == ((),) else parts)
    if origin in _SEQUENCES:
        return AnnotationShape("tuple", tuple, parts[:1])
    if origin in _SETS:
        return AnnotationShape("set", frozenset, parts)
    if origin in _MAPPINGS:
        return AnnotationShape("mapping", Mapping, parts)
    if origin in {list, set, collections.abc.MutableMapping, collections.abc.MutableSequence}:
        raise UnsupportedType(annotation, "it can change in place; use a tuple, frozenset or Mapping")
    return AnnotationShape("host", annotation)


def list_fields(cls: type) -> tuple[WireField, ...]:
    """Return the fields of an attrs class that travel: those its constructor takes.

    Raises:
        UnsupportedType: A field has no annotation.
    """
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = []
    for field in attrs.fields(cls):
        # What the constructor does not take is computed again on reading.
        if not field.init:
            continue
        annotation = hints.get(field.name)
        if annotation is None:
            if field.name not in hints:
                raise UnsupportedType(cls, f"field {field.name!r} has no annotation")
            annotation = NoneType
        if get_origin(annotation) is ClassVar:
            continue
        required = field.default is attrs.NOTHING
        scalar = SCALARS.get(annotation)
        is_omitted = field.metadata.get("omitted", False) or (scalar is not None and scalar.is_omitted)
        omitted = field.default if is_omitted else attrs.NOTHING
        # attrs drops the underscore of a private field from its argument; documents show the public name.
        name, argument = field.name.lstrip("_"), field.alias or field.name
        fields.append(
            WireField(
                name,
                argument=argument,
                attribute=field.name,
                annotation=annotation,
                required=required,
                keyword=field.kw_only,
                omitted=omitted,
            )
        )
    return tuple(fields)


def split_null(annotation: Any) -> tuple[tuple[Any, ...], bool]:
    """Return the members of a union without None (of anything else, itself), and whether None was among them."""
    shape = take_apart(annotation)
    if shape.name != "union":
        return (annotation,), False
    members = tuple(part for part in shape.parts if take_apart(part).name != "null")
    return members, len(members) < len(shape.parts)


def has_text_keys(annotation: object) -> bool:
    """Tell whether keys of this annotation are JSON texts, so that a mapping of them is an object."""
    shape = take_apart(annotation)
    if shape.name == "enum":
        return all(type(member.value) is str for member in shape.type)
    return shape.name == "scalar" and SCALARS[shape.type].json_type is str


def is_told_by_texts(cls: type) -> bool:
    """Tell whether equal documents of a class are equal values, which can stand for each other.

    So it is where nothing but texts and null stands in them, for to Python 1 is True; and where values do not change.
    """
    return cls.__hash__ is not None and all(_is_text(field.annotation, cls) for field in list_fields(cls))


def _is_text(annotation: object, cls: type) -> bool:
    shape = take_apart(annotation)
    if shape.name in {"union", "set", "tuple"}:
        return all(_is_text(part, cls) for part in shape.parts)
    if shape.name == "class":
        return shape.type is cls
    return shape.name == "null" or (shape.name in {"scalar", "enum"} and has_text_keys(annotation))


def find_json_type(annotation: object) -> type:
    """Return the Python type that the JSON values of an annotation have.

    Raises:
        UnsupportedType: They can have several.
    """
    shape = take_apart(annotation)
    if shape.name == "scalar" and shape.type is not float:
        return SCALARS[shape.type].json_type
    if shape.name in {"enum", "literal"}:
        values: list[object] = list(shape.type)
        kinds = {type(value.value if isinstance(value, Enum) else value) for value in values}
        if len(kinds) == 1:
            return kinds.pop()
    if shape.name == "class":
        return dict
    if shape.name in {"tuple", "row", "set"}:
        return list
    if shape.name == "mapping":
        return dict if has_text_keys(shape.parts[0]) else list
    raise UnsupportedType(annotation, "it cannot be told from the other members of a union")
