"""Hooks of classes that are called without their class: half of the calls of a converter, and none of its look-ups."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from mktcore.wire.refuse_value import refuse_type

__all__ = ["DirectHook", "bind_hook", "call_hook"]


class DirectHook(ABC):
    """A converter's hook of one class, that knows the function behind itself."""

    __slots__ = ()

    @abstractmethod
    def bind(self) -> Callable[[Any], Any]:
        """Return the function of one value; of a class that refers to itself, one that finds it when it is called."""


def bind_hook(hook: Callable[..., Any], target: Any) -> Callable[[Any], Any]:
    """Return a structure hook as a function of one value: our own directly, a host's with its target."""
    if isinstance(hook, DirectHook):
        return hook.bind()
    return lambda data: call_hook(hook, target, data)


def call_hook(hook: Callable[..., Any], target: Any, data: Any) -> Any:
    """Return what a structure hook reads; a host's is given no float, for it may take one for what was written.

    Raises:
        InvalidDocument: It is refused, or a float stands in it.
    """
    if isinstance(hook, DirectHook):
        return hook.bind()(data)
    _refuse_floats(data)
    return hook(data, target)


def _refuse_floats(data: Any) -> None:
    if type(data) is float:
        raise refuse_type(data, "a number as it was written")
    for item in data.values() if type(data) is dict else data if type(data) is list else ():
        _refuse_floats(item)
