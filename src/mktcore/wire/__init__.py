"""The wire: values to JSON and back, strictly, under tags and versions that outlive the classes.

The names below load on first use: a marketplace in memory writes nothing.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily

if TYPE_CHECKING:
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

_HOMES = {
    "REGISTRY": "mktcore.wire.registered_types",
    "Codec": "mktcore.wire.documents",
    "InvalidDocument": "mktcore.wire.errors",
    "Registry": "mktcore.wire.registry",
    "TagConflict": "mktcore.wire.errors",
    "UnknownTag": "mktcore.wire.errors",
    "UnknownUpcast": "mktcore.wire.errors",
    "UnregisteredType": "mktcore.wire.errors",
    "UnsupportedType": "mktcore.wire.errors",
    "build_schema": "mktcore.wire.schemas",
    "configure_converter": "mktcore.wire.cattrs_converter",
    "from_json": "mktcore.wire.documents",
    "make_converter": "mktcore.wire.cattrs_converter",
    "register_type": "mktcore.wire.documents",
    "register_upcaster": "mktcore.wire.documents",
    "to_json": "mktcore.wire.documents",
}


__getattr__ = load_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
