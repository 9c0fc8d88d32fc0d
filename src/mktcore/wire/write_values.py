"""From values to plain JSON values: as strict as reading, so that what is written can always be read."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import attrs
from cattrs import BaseConverter

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.wire.annotations import AnnotationShape, WireField, has_text_keys, list_fields, split_null, take_apart
from mktcore.wire.direct_hook import DirectHook
from mktcore.wire.error_places import locate_notices
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument, UnsupportedType
from mktcore.wire.generated_writer import WrittenField, generate_writer
from mktcore.wire.json_text import dump_json, encode_text
from mktcore.wire.read_values import MAX_DEPTH, TAG
from mktcore.wire.registry import Registry
from mktcore.wire.scalars import SCALARS

__all__ = ["ClassWriter", "Writer", "build_writer", "write_any"]

Writer = Callable[[Any], object]
_UNCHANGED = {str: str, int: int, bool: bool}


def build_writer(  # noqa: C901 - one branch per shape, flat
    annotation: object, converter: BaseConverter, registry: Registry
) -> Writer:
    """Return the function that writes values of an annotation.

    Raises:
        UnsupportedType: The wire cannot carry it.
    """
    shape = take_apart(annotation)
    if shape.name == "scalar":
        return _write_exactly(shape.type, SCALARS[shape.type].write)
    if shape.name == "class" and registry.list_members(shape.type):
        return _write_member(shape.type, converter, registry)
    if shape.name in {"class", "host"}:
        hook = converter.get_unstructure_hook(shape.type)
        return hook.bind() if isinstance(hook, DirectHook) else _write_by_host(hook)
    if shape.name == "any":
        return lambda value: write_any(value, converter, registry)
    if shape.name == "enum":
        return _write_exactly(shape.type, _write_enum)
    if shape.name in {"literal", "null"}:
        return _write_choice(shape.type if shape.name == "literal" else (None,))
    if shape.name == "union":
        return _build_union(shape, converter, registry)
    writers = tuple(build_writer(part, converter, registry) for part in shape.parts)
    if shape.name == "row":
        return _write_row(writers)
    if shape.name == "mapping":
        return _write_mapping(*writers) if has_text_keys(shape.parts[0]) else _write_pairs(*writers)
    if shape.name == "set":
        return _write_set(writers[0])
    return _write_tuple(writers[0])


class ClassWriter(DirectHook):
    """Writes one attrs class: every field, under its public name."""

    __slots__ = ("_converter", "_is_begun", "_plan", "_registry", "_type", "_write")

    def __init__(self, cls: type, converter: BaseConverter, registry: Registry) -> None:
        """Keep what is needed; the plan is made on the first use."""
        self._type = cls
        self._converter = converter
        self._registry = registry
        self._is_begun = False
        self._plan: tuple[WrittenField, ...] = ()
        self._write: Callable[[Any], dict[str, object]] | None = None

    def __call__(self, value: object) -> dict[str, object]:
        """Write one value.

        Raises:
            InvalidDocument: A field holds something else than its annotation says, and could not be read back.
        """
        return (self._write or self._generate())(value)

    def bind(self) -> Writer:
        """Return the function that writes one value."""
        return self if self._is_begun and self._write is None else self._write or self._generate()

    def _generate(self) -> Callable[[Any], dict[str, object]]:
        self._is_begun = True
        self._plan = tuple([self._plan_field(field) for field in list_fields(self._type)])
        self._write = generate_writer(self._type, self._plan, careful=self._write_carefully)
        return self._write

    def _plan_field(self, field: WireField) -> WrittenField:
        rest, nullable = split_null(field.annotation)
        return WrittenField(
            field.name,
            attribute=field.attribute,
            exact=_UNCHANGED.get(rest[0]) if len(rest) == 1 else None,
            is_money=rest == (Money,) and field.omitted is attrs.NOTHING,
            nullable=nullable,
            omitted=field.omitted,
            writer=build_writer(field.annotation, self._converter, self._registry),
        )

    def _write_carefully(self, value: object, refused: int = -1, error: Exception | None = None) -> dict[str, object]:
        """Write what has something odd, and tell all that is wrong with it.

        Args:
            value: The value.
            refused: The position of a field whose refusal is known.
            error: That refusal.
        """
        # By its very type: a subclass has fields that nobody could read back.
        if type(value) is not self._type:
            raise _refuse_value(value, self._type.__name__)
        data: dict[str, object] = {}
        problems: list[Notice] = []
        for position, field in enumerate(self._plan):
            item = getattr(value, field.attribute)
            if type(item) is field.exact or (item is None and field.nullable):
                data[field.name] = item
                continue
            # Left out: documents stay the same as before there was such a field.
            if field.omitted is not attrs.NOTHING and item == field.omitted:
                continue
            try:
                if position == refused and error is not None:
                    raise error  # noqa: TRY301 - it is told like those that are found now
                data[field.name] = field.writer(item)
            except Exception as found:  # noqa: BLE001 - whatever a writer raises is a refusal of the value, with its path
                problems += locate_notices(found, field.name)
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return data


def _refuse_value(value: object, expected: str) -> InvalidDocument:
    return InvalidDocument.at("", "wire.wrong-type", f"expected {expected}, not a {type(value).__name__}")


def _write_by_host(hook: Writer) -> Writer:
    def write(value: object) -> object:
        plain = hook(value)
        encode_text(plain)  # refused here, with its path, by one rule, whichever encoder writes the document
        return plain

    return write


def _write_exactly(kind: object, write: Writer) -> Writer:
    if not isinstance(kind, type):
        return write  # a union of exact numbers checks its members itself

    def write_checked(value: object) -> object:
        if type(value) is not kind:
            raise _refuse_value(value, kind.__name__)
        return write(value)

    return write_checked


def _write_enum(value: Enum) -> object:
    return value.value


def _write_choice(choices: tuple[object, ...]) -> Writer:
    known = {(type(choice), choice) for choice in choices}

    def write(value: object) -> object:
        if (type(value), value) not in known:
            raise _refuse_value(value, f"one of {choices!r}")
        return value

    return write


def _write_items(items: Any, writer: Writer) -> list[object]:
    written: list[object] = []
    keep = written.append
    try:
        for item in items:
            keep(writer(item))
    except Exception as error:  # noqa: BLE001 - as in ClassWriter
        # Those that were written are not written again: they are as good as the rest, and may be many.
        raise _refuse_items(items, writer, len(written), error=error) from None
    return written


def _refuse_items(items: Any, writer: Writer, refused: int, *, error: Exception) -> InvalidDocument:
    problems = locate_notices(error, f"[{refused}]")
    for position, item in enumerate(items):
        if position <= refused:
            continue
        if len(problems) >= MAX_PROBLEMS:
            break
        try:
            writer(item)
        except Exception as found:  # noqa: BLE001 - as in ClassWriter
            problems += locate_notices(found, f"[{position}]")
    return InvalidDocument(tuple(problems[:MAX_PROBLEMS]))


def _write_tuple(writer: Writer) -> Writer:
    def write(value: object) -> list[object]:
        # No lists: what is written must not change meanwhile, and what is read comes back as a tuple.
        if type(value) is not tuple:
            raise _refuse_value(value, "tuple")
        return _write_items(value, writer)

    return write


def _write_row(writers: tuple[Writer, ...]) -> Writer:
    def write(value: object) -> list[object]:
        if type(value) is not tuple or len(value) != len(writers):
            raise _refuse_value(value, f"a tuple of {len(writers)}")
        positions = iter(writers)
        return _write_items(value, lambda item: next(positions)(item))  # noqa: PLW0108 - the next writer for each item

    return write


def _write_set(writer: Writer) -> Writer:
    def write(value: object) -> list[object]:
        if type(value) is not frozenset:
            raise _refuse_value(value, "frozenset")
        return sorted(_write_items(value, writer), key=dump_json)  # one set, one text

    return write


def _write_mapping(write_key: Writer, write_value: Writer) -> Writer:
    def write(value: object) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise _refuse_value(value, "Mapping")
        return {str(key): item for key, item in _write_pairs_of(value, write_key, write_value)}

    return write


def _write_pairs(write_key: Writer, write_value: Writer) -> Writer:
    def write(value: object) -> list[object]:
        if not isinstance(value, Mapping):
            raise _refuse_value(value, "Mapping")
        return [list(pair) for pair in _write_pairs_of(value, write_key, write_value)]

    return write


def _write_pairs_of(value: Mapping[Any, Any], write_key: Writer, write_value: Writer) -> list[tuple[object, object]]:
    written: list[tuple[object, object]] = []
    problems: list[Notice] = []
    for key, item in value.items():
        try:
            written.append((write_key(key), write_value(item)))
        except Exception as error:  # noqa: BLE001 - as in ClassWriter
            problems += locate_notices(error, str(key)[:80])
            if len(problems) >= MAX_PROBLEMS:
                break
    if problems:
        raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
    return written


def _build_union(shape: AnnotationShape, converter: BaseConverter, registry: Registry) -> Writer:
    members, nullable = split_null(shape.type)
    shapes = [take_apart(part) for part in members]
    tagged = [part.type for part in shapes if part.name == "class"]
    by_type: dict[type, Writer] = {}
    choices: list[Writer] = []
    for part, member in zip(shapes, members, strict=True):
        writer = build_writer(member, converter, registry)
        is_base = part.name == "class" and registry.list_members(part.type)
        if part.name in {"scalar", "enum", "class"} and not is_base:
            tag = len(tagged) > 1 and part.name == "class"
            by_type[part.type] = _write_tagged(registry.get_type(part.type).name, writer) if tag else writer
        elif part.name in {"tuple", "row", "set"}:
            by_type[part.type] = writer
        elif is_base or part.name in {"mapping", "literal"}:
            choices.append(writer)
        else:
            raise UnsupportedType(shape.type, f"{member!r} cannot be told from its other members")

    def write(value: object) -> object:
        if value is None and nullable:
            return None
        writer = by_type.get(type(value))
        if writer is not None:
            return writer(value)
        # These cannot be told by the value's type: the first that takes it writes it.
        for choice in choices:
            try:
                return choice(value)
            except InvalidDocument:
                continue
        raise _refuse_value(value, str(shape.type))

    return write


def _write_member(base: type, converter: BaseConverter, registry: Registry) -> Writer:
    def write(value: object) -> object:
        registration = registry.find_type(type(value))
        if registration is None or not isinstance(value, base):
            raise _refuse_value(value, f"a registered {base.__name__}")
        return _write_tagged(registration.name, converter.get_unstructure_hook(registration.type))(value)

    return write


def _write_tagged(name: str, writer: Writer) -> Writer:
    def write(value: object) -> object:
        fields: Any = writer(value)
        return {TAG: name, **fields}

    return write


def write_any(value: object, converter: BaseConverter, registry: Registry, *, depth: int = 0) -> object:
    """Write a value whose type the field does not say: plain JSON, or a registered class with its tag.

    Raises:
        InvalidDocument: A float, a class without a tag, nested deeper than 64, or a key that looks like a tag.
    """
    if value is None or type(value) in {str, int, bool}:
        return value
    if depth >= MAX_DEPTH:
        raise InvalidDocument.at("", "wire.too-deep", f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, (list, tuple)):
        return _write_items(value, lambda item: write_any(item, converter, registry, depth=depth + 1))
    if isinstance(value, Mapping):
        if TAG in value or not all(type(key) is str for key in value):
            raise InvalidDocument.at("", "wire.wrong-key", f"keys are texts, and none of them {TAG}")
        return _write_mapping(_keep, lambda item: write_any(item, converter, registry, depth=depth + 1))(value)
    registration = registry.find_type(type(value))
    if registration is None:
        raise _refuse_value(value, "plain JSON or a registered class")
    return _write_tagged(registration.name, converter.get_unstructure_hook(registration.type))(value)


def _keep(value: object) -> object:
    return value
