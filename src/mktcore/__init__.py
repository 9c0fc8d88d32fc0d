"""A headless commerce core for marketplaces.

The names below are everything most hosts import from the root; they load on first use, so that `import mktcore` costs
next to nothing. Everything else lives in the public modules: `mktcore.money`, `mktcore.totals`, `mktcore.carts`, ...
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mktcore.marketplace import Marketplace
    from mktcore.money import Money

__all__ = ["Marketplace", "Money", "__version__"]
__version__ = "0.1.0"

_HOMES = {"Marketplace": "mktcore.marketplace", "Money": "mktcore.money"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
