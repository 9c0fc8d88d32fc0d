"""The wire: values to JSON and back, strictly, under tags and versions that outlive the classes."""

from mktcore.wire.cattrs_converter import configure_converter, make_converter
from mktcore.wire.documents import Codec, from_json, register_type, register_upcaster, to_json
from mktcore.wire.errors import (
    InvalidDocument,
    TagConflict,
    UnknownTag,
    UnknownUpcast,
    UnregisteredType,
    UnsupportedType,
)
from mktcore.wire.registered_types import REGISTRY
from mktcore.wire.registry import Registry
from mktcore.wire.schemas import build_schema

__all__ = [
    "REGISTRY",
    "Codec",
    "InvalidDocument",
    "Registry",
    "TagConflict",
    "UnknownTag",
    "UnknownUpcast",
    "UnregisteredType",
    "UnsupportedType",
    "build_schema",
    "configure_converter",
    "from_json",
    "make_converter",
    "register_type",
    "register_upcaster",
    "to_json",
]
