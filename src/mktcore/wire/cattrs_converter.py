"""Teaching a cattrs converter the wire format: the host's own, or a fresh one."""

from typing import Any

from cattrs import BaseConverter, Converter

from mktcore.wire.annotations import take_apart
from mktcore.wire.read_object import ClassReader
from mktcore.wire.read_values import build_reader
from mktcore.wire.registered_types import REGISTRY
from mktcore.wire.registry import Registry
from mktcore.wire.write_values import ClassWriter, build_writer

__all__ = ["configure_converter", "make_converter"]


def configure_converter(converter: BaseConverter, *, registry: Registry = REGISTRY) -> None:
    """Teach `converter` to read and write the types of this library, and any attrs class of the same kind, strictly.

    Nothing is coerced, in either direction; unknown fields are refused; every fault is reported with its path. Hooks
    that the host registers afterwards take precedence, for its own classes and ours.

    Args:
        converter: The host's converter.
        registry: Tags of the classes that stand in unions, or in fields whose type is `object`.
    """

    def make_reader(target: Any) -> Any:
        if take_apart(target).name == "class":
            return ClassReader(target, converter, registry)
        reader = build_reader(target, converter, registry)
        return lambda data, _: reader(data)

    def make_writer(target: Any) -> Any:
        if take_apart(target).name == "class":
            return ClassWriter(target, converter, registry)
        return build_writer(target, converter, registry)

    converter.register_structure_hook_factory(_is_ours, make_reader)
    converter.register_unstructure_hook_factory(_is_ours, make_writer)
    # cattrs looks these up by class, subclasses included, before it asks the factories above.
    for kind in (str, int, float, bool):
        converter.register_structure_hook(kind, lambda data, target: build_reader(target, converter, registry)(data))
    converter.register_unstructure_hook(str, lambda value: build_writer(type(value), converter, registry)(value))


def make_converter(*, registry: Registry = REGISTRY) -> Converter:
    """Return a new converter that knows the wire format and nothing else."""
    converter = Converter()
    configure_converter(converter, registry=registry)
    return converter


def _is_ours(target: object) -> bool:
    return take_apart(target).name != "host"
