"""JSON Schema (2020-12) of every stored and published type, made from the same annotations that reading uses."""

from enum import Enum
from typing import Any

from mktcore.wire.annotations import AnnotationShape, has_text_keys, list_fields, take_apart
from mktcore.wire.errors import UnsupportedType
from mktcore.wire.read_values import TAG
from mktcore.wire.registered_types import REGISTRY
from mktcore.wire.registry import Registry
from mktcore.wire.scalars import SCALARS

__all__ = ["build_schema"]

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build_schema(cls: type, *, registry: Registry = REGISTRY) -> Schema:
    """Return the JSON Schema of the documents of a registered class, with its tag.

    Invariants that a class checks when it is built (an end after its start) are beyond a schema; what a schema admits
    may still be refused when it is read.

    >>> from mktcore.stock import StockCount
    >>> schema = build_schema(StockCount)
    >>> schema["properties"]["$type"], schema["required"]
    ({'const': 'offers.stock-count.v1'}, ['$type', 'item', 'merchant', 'on_hand'])

    Raises:
        UnregisteredType: The class has no tag.
        UnsupportedType: A field cannot be carried.
    """
    builder = _Builder(registry)
    tagged = builder.build_tagged(cls)
    return {"$schema": _DIALECT, "title": registry.get_type(cls).name, **tagged, "$defs": builder.definitions}


class _Builder:
    """Collects the schemas of the classes that a document is made of, each once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._names: dict[type, str] = {}
        self.definitions: dict[str, Schema] = {}

    def build_tagged(self, cls: type) -> Schema:
        """Return the schema of an object of a class that says its type."""
        schema = self._build_class(cls)
        tag = {TAG: {"const": self._registry.get_type(cls).name}}
        return {**schema, "properties": {**tag, **schema["properties"]}, "required": [TAG, *schema["required"]]}

    def _refer(self, cls: type, *, tagged: bool = False) -> Schema:
        name = self._names.get(cls)
        if name is None:
            name = self._names[cls] = self._choose_name(cls)
            self.definitions[name] = {}  # taken, before a class that contains itself asks again
            self.definitions[name] = self._build_class(cls)
        if not tagged:
            return {"$ref": f"#/$defs/{name}"}
        marked = f"{name}.tagged"
        if marked not in self.definitions:
            self.definitions[marked] = {}  # as above
            self.definitions[marked] = self.build_tagged(cls)
        return {"$ref": f"#/$defs/{marked}"}

    def _choose_name(self, cls: type) -> str:
        # Two rooms may have classes of one name; no Python name holds a ~.
        taken = sum(name.partition("~")[0] == cls.__name__ for name in self.definitions)
        return f"{cls.__name__}~{taken}" if taken else cls.__name__

    def _build_class(self, cls: type) -> Schema:
        fields = list_fields(cls)
        return {
            "type": "object",
            "properties": {field.name: self._build(field.annotation) for field in fields},
            "required": [field.name for field in fields if field.required],
            "additionalProperties": False,
        }

    def _build(self, annotation: Any) -> Schema:
        shape = take_apart(annotation)
        if shape.name == "scalar":
            return SCALARS[shape.type].schema
        if shape.name == "class":
            return self._build_one_of(shape.type) or self._refer(shape.type)
        if shape.name == "null":
            return {"type": "null"}
        if shape.name == "any":
            return {}
        if shape.name in {"enum", "literal"}:
            return {"enum": [value.value if isinstance(value, Enum) else value for value in shape.type]}
        if shape.name == "host":
            raise UnsupportedType(annotation, "only the host's own hooks know what it looks like")
        return self._build_composed(shape)

    def _build_composed(self, shape: AnnotationShape) -> Schema:
        if shape.name == "union":
            classes = sum(take_apart(part).name == "class" for part in shape.parts)
            return {"anyOf": [self._build_member(part, tagged=classes > 1) for part in shape.parts]}
        if shape.name == "mapping" and has_text_keys(shape.parts[0]):
            key, value = map(self._build, shape.parts)
            return {"type": "object", "propertyNames": key, "additionalProperties": value}
        parts = [self._build(part) for part in shape.parts]
        if shape.name == "mapping":
            return {"type": "array", "items": _row(parts)}
        if shape.name == "row":
            return _row(parts)
        return {"type": "array", "items": parts[0], **({"uniqueItems": True} if shape.name == "set" else {})}

    def _build_member(self, annotation: Any, *, tagged: bool) -> Schema:
        shape = take_apart(annotation)
        if shape.name != "class":
            return self._build(annotation)
        return self._build_one_of(shape.type) or self._refer(shape.type, tagged=tagged)

    def _build_one_of(self, base: type) -> Schema:
        """Return the schema of a base's members; an empty one for any class that is none."""
        members = self._registry.list_members(base)
        return {"anyOf": [self._refer(member.type, tagged=True) for member in members]} if members else {}


def _row(parts: list[Schema]) -> Schema:
    # Without a minimum, a schema with prefixItems admits shorter rows.
    return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}
