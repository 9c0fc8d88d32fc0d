"""From plain JSON values to values: exact types, every fault with its path, nothing guessed."""

from collections.abc import Callable
from itertools import islice
from typing import Any, cast

import attrs
from cattrs import BaseConverter, transform_error
from cattrs.errors import BaseValidationError

from mktcore.errors import MktcoreError, Notice, Refused
from mktcore.wire.annotations import Shape, find_json_type, has_text_keys, list_fields, split_null, take_apart
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument, UnsupportedType
from mktcore.wire.registry import Registry
from mktcore.wire.scalars import SCALARS, describe_json, refuse_type

__all__ = ["TAG", "ClassReader", "Reader", "build_reader", "place", "read_any", "take_tag"]

TAG = "$type"
"""Key of an object that says which type it is; no field of a class can be called so."""
MAX_DEPTH = 64
"""How deep values whose type says nothing about their depth may nest."""

Reader = Callable[[Any], object]
_MISSING = object()
_SELF_CHECKED = {str: str, int: int, bool: bool}


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
    if shape.name == "class":
        hook = converter.get_structure_hook(shape.type)
        return lambda data: hook(data, shape.type)
    if shape.name == "host":
        hook = converter.get_structure_hook(shape.type)
        return lambda data: hook(data, shape.type)
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
        return _read_row(readers)
    if shape.name == "mapping":
        return _read_mapping(*readers) if has_text_keys(shape.parts[0]) else _read_pairs(*readers)
    if shape.name == "set":
        return _read_set(readers[0])
    return lambda data: tuple(_read_items(data, readers[0]))


def place(error: Exception, step: str) -> list[Notice]:
    """Return what an error says, one step further from the value it stands at."""
    if isinstance(error, Refused):
        return [attrs.evolve(problem, where=_join(step, problem.where)) for problem in error.problems]
    if isinstance(error, MktcoreError):
        return [error.to_notice(step)]
    if isinstance(error, BaseValidationError):  # of a host's own hooks
        return [Notice("wire.refused", step, text) for text in transform_error(error)[:MAX_PROBLEMS]]
    if isinstance(error, RecursionError):
        return [Notice("wire.too-deep", step, "nested too deeply")]
    return [Notice("wire.refused", step, f"{type(error).__name__}: {str(error)[:300]}")]


def _join(step: str, where: str) -> str:
    if not where:
        return step
    return f"{step}{where}" if where.startswith("[") else f"{step}.{where}"


class ClassReader:
    """Reads one attrs class: its fields and no others, then builds it, so that its invariants are checked."""

    __slots__ = ("_converter", "_names", "_plan", "_positional", "_registry", "_type")

    def __init__(self, cls: type, converter: BaseConverter, registry: Registry) -> None:
        """Keep what is needed; the plan is made on the first use, when classes that refer to each other exist."""
        self._type = cls
        self._converter = converter
        self._registry = registry
        self._plan: list[tuple[str, str, type | None, bool, Reader, bool, Any]] | None = None
        self._names: frozenset[str] = frozenset()
        self._positional = False

    def _make_plan(self) -> list[tuple[str, str, type | None, bool, Reader, bool, Any]]:
        fields = list_fields(self._type)
        plan = []
        for field in fields:
            rest, nullable = split_null(field.annotation)
            exact = _SELF_CHECKED.get(rest[0]) if len(rest) == 1 else None
            reader = build_reader(field.annotation, self._converter, self._registry)
            plan.append((field.name, field.argument, exact, nullable, reader, field.required, field.omitted))
        self._positional = not any(field.keyword for field in fields)
        self._names = frozenset(field.name for field in fields)
        self._plan = plan
        return plan

    def __call__(self, data: object, _: object = None) -> object:
        """Read one value.

        Raises:
            InvalidDocument: It carries every fault of every field.
        """
        plan = self._plan or self._make_plan()
        if type(data) is not dict:
            raise refuse_type(data, f"an object ({self._type.__name__})")
        values: list[object] = []
        problems: list[Notice] = []
        missing, left_out = False, 0
        for name, _argument, exact, nullable, reader, required, omitted in plan:
            raw = data.get(name, _MISSING)
            if type(raw) is exact or (raw is None and nullable):
                values.append(raw)
                continue
            if raw is _MISSING and omitted is not attrs.NOTHING:
                values.append(omitted)
                left_out += 1
                continue
            if raw is _MISSING:
                missing = True
                values.append(_MISSING)
                if required:
                    problems.append(Notice("wire.missing-field", name, "it is missing"))
                continue
            try:
                values.append(reader(raw))
            except Exception as error:  # noqa: BLE001 - whatever a reader raises on hostile input is a refusal of it
                problems += place(error, name)
        if missing or problems or len(data) + left_out != len(plan):
            problems += [
                Notice("wire.unknown-field", str(name)[:80], "there is no such field")
                for name in islice((key for key in data if key not in self._names), MAX_PROBLEMS)
            ]
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return self._build(plan, values, missing)

    def _build(self, plan: list[Any], values: list[object], missing: bool) -> object:
        try:
            if self._positional and not missing:
                return self._type(*values)
            return self._type(
                **{entry[1]: value for entry, value in zip(plan, values, strict=True) if value is not _MISSING}
            )
        except Exception as error:
            # The class refused the values, or choked on them; on hostile input both are a refusal.
            raise InvalidDocument(tuple(place(error, ""))) from error


def _read_null(data: object) -> None:
    if data is not None:
        raise refuse_type(data, "null")


def _read_choice(choices: dict[object, object]) -> Reader:
    by_value = {(type(value), value): member for value, member in choices.items()}
    listed = ", ".join(map(repr, choices))[:200]

    def read(data: object) -> object:
        found = by_value.get((type(data), data), _MISSING) if isinstance(data, (str, int)) else _MISSING
        if found is _MISSING:
            raise InvalidDocument.at("", "wire.unknown-choice", f"expected one of {listed}, not {describe_json(data)}")
        return found

    return read


def _read_items(data: object, reader: Reader) -> list[object]:
    if type(data) is not list:
        raise refuse_type(data, "an array")
    values: list[object] = []
    problems: list[Notice] = []
    for position, item in enumerate(data):
        try:
            values.append(reader(item))
        except Exception as error:  # noqa: BLE001 - as in ClassReader
            problems += place(error, f"[{position}]")
            if len(problems) >= MAX_PROBLEMS:
                break
    if problems:
        raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
    return values


def _read_row(readers: tuple[Reader, ...]) -> Reader:
    def read(data: object) -> tuple[object, ...]:
        if type(data) is not list or len(data) != len(readers):
            raise refuse_type(data, f"an array of {len(readers)}")
        positions = iter(readers)
        return tuple(_read_items(data, lambda item: next(positions)(item)))  # noqa: PLW0108 - the next reader for each item

    return read


def _read_set(reader: Reader) -> Reader:
    def read(data: object) -> frozenset[object]:
        items = _read_items(data, reader)
        found = frozenset(items)
        if len(found) != len(items):
            raise InvalidDocument.at("", "wire.duplicate-item", "an item stands twice")
        return found

    return read


def _read_mapping(read_key: Reader, read_value: Reader) -> Reader:
    def read(data: object) -> dict[object, object]:
        if type(data) is not dict:
            raise refuse_type(data, "an object")
        found: dict[object, object] = {}
        problems: list[Notice] = []
        for key, item in data.items():
            try:
                found[read_key(key)] = read_value(item)
            except Exception as error:  # noqa: BLE001 - as in ClassReader
                problems += place(error, str(key)[:80])
                if len(problems) >= MAX_PROBLEMS:
                    break
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return found

    return read


def _read_pairs(read_key: Reader, read_value: Reader) -> Reader:
    """Return the reader of a mapping whose keys are no texts: an array of [key, value]."""
    read_row = _read_row((read_key, read_value))

    def read(data: object) -> dict[object, object]:
        pairs = _read_items(data, read_row)
        found = dict(cast("list[tuple[object, object]]", pairs))
        if len(found) != len(pairs):
            raise InvalidDocument.at("", "wire.duplicate-key", "a key stands twice")
        return found

    return read


def _build_union(shape: Shape, converter: BaseConverter, registry: Registry) -> Reader:
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
        registration, fields = take_tag(data, registry)
        if registration not in members:
            names = ", ".join(sorted(member.name for member in members))
            raise InvalidDocument.at(TAG, "wire.wrong-tag", f"expected one of {names}, not {registration.name}")
        return converter.get_structure_hook(registration.type)(fields, registration.type)

    return read


def _read_member(base: type, converter: BaseConverter, registry: Registry) -> Reader:
    def read(data: Any) -> object:
        if type(data) is not dict:
            raise refuse_type(data, f"an object ({base.__name__})")
        registration, fields = take_tag(data, registry)
        if not issubclass(registration.type, base):  # asked anew each time: hosts register classes at any time
            message = f"expected a {base.__name__}, not {registration.name}"
            raise InvalidDocument.at(TAG, "wire.wrong-tag", message)
        return converter.get_structure_hook(registration.type)(fields, registration.type)

    return read


def take_tag(data: dict[str, object], registry: Registry) -> tuple[Any, dict[str, object]]:
    """Return the registration that an object's tag names, and its other fields in the present version.

    Raises:
        InvalidDocument: It has no tag, or an unknown one.
    """
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


def read_any(data: object, converter: BaseConverter, registry: Registry, depth: int = 0) -> object:
    """Read a value whose type the field does not say: plain JSON, or an object with a tag; never a float.

    Raises:
        InvalidDocument: Nested deeper than 64, a float, or an unknown tag.
    """
    if data is None or type(data) in {str, int, bool}:
        return data
    if depth >= MAX_DEPTH:
        raise InvalidDocument.at("", "wire.too-deep", f"nested deeper than {MAX_DEPTH}")
    if type(data) is list:
        return tuple(_read_items(data, lambda item: read_any(item, converter, registry, depth + 1)))
    if type(data) is not dict:
        raise refuse_type(data, "a text, an int, a boolean, null, an array or an object")
    if TAG in data:
        registration, fields = take_tag(data, registry)
        return converter.get_structure_hook(registration.type)(fields, registration.type)
    return _read_mapping(_read_key, lambda item: read_any(item, converter, registry, depth + 1))(data)


def _read_key(key: object) -> object:
    return key
