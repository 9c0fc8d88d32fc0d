"""The registry of everything that the rooms of this library declare; see `mktcore.ports.STORED`."""

from mktcore.ports import STORED
from mktcore.wire.registry import Registry

__all__ = ["REGISTRY"]

REGISTRY = Registry(STORED)
"""The registry used where no other is given; `Registry.join` makes one with a host's types beside these."""
