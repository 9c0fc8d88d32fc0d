"""Objects that a host names on the command line, as `my_shop.market:market`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import ClassVar, TypeVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError

__all__ = ["NamedObjectMissing", "find_named"]

T = TypeVar("T")


@attrs.define(eq=False, slots=False)
class NamedObjectMissing(MktcoreError):
    """A name of the host's that leads to nothing, or to something else than was asked for."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "command.no-such-object"
    remedy: ClassVar[str] = "write MODULE:NAME, as an import in this folder would find it"
    name: str
    reason: str

    def describe(self) -> str:
        """Name it."""
        return f"{self.name!r} cannot be used: {self.reason}"


def find_named(name: str, wanted: type[T], *arguments: object) -> T:
    """Return what a host names, or what its function or class of that name returns.

    Args:
        name: `MODULE:NAME`; modules of the present folder are found too.
        wanted: What it must be.
        arguments: For the function.

    Raises:
        NamedObjectMissing: There is no such thing.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise NamedObjectMissing(name, "it is not of the form MODULE:NAME")
    # The command lies elsewhere than the host's code, which it is run beside.
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found: object = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise NamedObjectMissing(name, str(error)) from error
    except AttributeError as error:
        raise NamedObjectMissing(name, f"the module has no {attribute!r}") from error
    # A class looks like what it makes, to a protocol.
    if callable(found) and (isinstance(found, type) or not isinstance(found, wanted)):
        found = found(*arguments)
    if not isinstance(found, wanted):
        raise NamedObjectMissing(name, f"it is a {type(found).__name__}, not a {wanted.__name__}")
    return found
