"""Proof for adapter authors, and what tests of a market need: conformance checks, strategies, fakes.

The names below load on first use; pytest is never imported here, and Hypothesis only in `mktcore.testing.strategies`.
"""

from typing import TYPE_CHECKING

from mktcore.lazy_names import load_lazily

if TYPE_CHECKING:
    from mktcore.testing.clauses import Clause, ConformanceFailed
    from mktcore.testing.gateways import check_gateway
    from mktcore.testing.merchant_gateways import check_merchant_gateway
    from mktcore.testing.publishers import check_publisher
    from mktcore.testing.stores import KINDS, STORE_CLAUSES, check_store

__all__ = [
    "KINDS",
    "STORE_CLAUSES",
    "Clause",
    "ConformanceFailed",
    "check_gateway",
    "check_merchant_gateway",
    "check_publisher",
    "check_store",
]

_HOMES = {
    "KINDS": "mktcore.testing.stores",
    "STORE_CLAUSES": "mktcore.testing.stores",
    "Clause": "mktcore.testing.clauses",
    "ConformanceFailed": "mktcore.testing.clauses",
    "check_gateway": "mktcore.testing.gateways",
    "check_merchant_gateway": "mktcore.testing.merchant_gateways",
    "check_publisher": "mktcore.testing.publishers",
    "check_store": "mktcore.testing.stores",
}


__getattr__ = load_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
