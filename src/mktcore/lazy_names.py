"""Names of a package that load when they are first asked for (PEP 562), so that importing the package stays cheap."""

import gc
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType

__all__ = ["load_lazily"]


def load_lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package whose names live in the modules that `homes` tells."""

    def load(name: str) -> object:
        home = homes.get(name)
        if home is None:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value: object = getattr(_import_in_peace(home), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def _import_in_peace(name: str) -> ModuleType:
    # Hundreds of classes come to stay, and no garbage: looking for some among them took a tenth of the time.
    if not gc.isenabled():
        return import_module(name)
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.enable()
