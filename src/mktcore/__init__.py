"""A headless commerce core for marketplaces.

The names below are everything most hosts import from the root; they load on first use, so that `import mktcore` costs
next to nothing. Everything else lives in the public modules: `mktcore.money`, `mktcore.totals`, `mktcore.carts`, ...
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily

if TYPE_CHECKING:
    from mktcore.marketplace import Marketplace
    from mktcore.money import Money

__all__ = ["Marketplace", "Money", "__version__"]
__version__ = "0.1.0"

_HOMES = {"Marketplace": "mktcore.marketplace", "Money": "mktcore.money"}


__getattr__ = load_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
