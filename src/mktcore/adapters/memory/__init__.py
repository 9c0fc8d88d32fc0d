"""A store in memory, without dependencies: real transactions over immutable values, for tests, demos and simulation."""

from mktcore.adapters.memory.store import MemoryStore
from mktcore.adapters.memory.unit import MemoryUnit

__all__ = ["MemoryStore", "MemoryUnit"]
