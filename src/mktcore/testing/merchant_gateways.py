"""The conformance check of merchant gateways: every item asked is answered, and time runs forward."""

import time
from collections.abc import Callable
from datetime import timedelta

import attrs

from mktcore.gateways import Succeeded
from mktcore.offers import ItemTerms, MerchantGateway
from mktcore.testing.clauses import ClauseArea, Violated, expect, run_clauses

__all__ = ["MERCHANT_GATEWAY", "CheckedMerchantGateway", "check_merchant_gateway"]

# That of a marketplace which chose none.
_DEADLINE = timedelta(seconds=2.5)


@attrs.frozen(eq=False)
class CheckedMerchantGateway:
    """A merchant gateway under test, and what the merchant behind it sells.

    Attributes:
        gateway: The gateway.
        merchant: A merchant it can ask.
        sold: Items that the merchant sells, two or more, whose terms do not change meanwhile.
        unsold: An item that it does not sell.
    """

    gateway: MerchantGateway
    merchant: str
    sold: tuple[str, ...]
    unsold: str

    def fetch(self, *items: str) -> dict[str, ItemTerms | None]:
        """Return the terms of items, None for what is no good answer."""
        found = self.gateway.fetch(self.merchant, items, deadline=_DEADLINE)
        answers = {item: found.get(item) for item in items}
        return {item: one.value if isinstance(one, Succeeded) else None for item, one in answers.items()}


MERCHANT_GATEWAY: ClauseArea[CheckedMerchantGateway] = ClauseArea("merchant-gateway")


@MERCHANT_GATEWAY
def every_item_is_answered(bench: CheckedMerchantGateway) -> None:
    """Items that the merchant sells are all answered in one call, each with its own terms."""
    found = bench.fetch(*bench.sold)
    expect({item: None if terms is None else terms.item for item, terms in found.items()}, {i: i for i in bench.sold})


@MERCHANT_GATEWAY
def an_item_alone_is_what_it_is_among_others(bench: CheckedMerchantGateway) -> None:
    """The order and number of the items asked make no difference to what is said of one."""
    together = bench.fetch(*reversed(bench.sold))
    for item in bench.sold:
        expect(_without_time(bench.fetch(item)[item]), _without_time(together[item]), item)


@MERCHANT_GATEWAY
def time_runs_forward(bench: CheckedMerchantGateway) -> None:
    """A later answer is not of an earlier instant."""
    item = bench.sold[0]
    first, second = bench.fetch(item)[item], bench.fetch(item)[item]
    if first is None or second is None or second.as_of < first.as_of:
        raise Violated(f"{second} came after {first}")


@MERCHANT_GATEWAY
def what_is_not_sold_has_no_terms(bench: CheckedMerchantGateway) -> None:
    """An item that the merchant does not sell is no success, raises nothing, and spoils no other answer."""
    found = bench.fetch(bench.sold[0], bench.unsold)
    expect(found[bench.unsold], None)
    expect(found[bench.sold[0]] is None, False)  # noqa: FBT003 - what a clause expects is a literal


@MERCHANT_GATEWAY
def nothing_asked_is_nothing_answered(bench: CheckedMerchantGateway) -> None:
    """Asking about no item is answered without one."""
    expect(len(bench.gateway.fetch(bench.merchant, (), deadline=_DEADLINE)), 0)


@MERCHANT_GATEWAY
def the_deadline_is_kept(bench: CheckedMerchantGateway) -> None:
    """A call comes back by its deadline, whatever it then says."""
    begun = time.monotonic()
    bench.fetch(*bench.sold)
    late = time.monotonic() - begun - _DEADLINE.total_seconds()
    if late > 0:
        raise Violated(f"it came back {late:.1f} s after its deadline")


def _without_time(terms: ItemTerms | None) -> object:
    return None if terms is None else (terms.item, terms.price, dict(terms.on_hand), terms.list_price)


def check_merchant_gateway(make_gateway: Callable[[], CheckedMerchantGateway]) -> None:
    """Check what the marketplace relies on when it asks a merchant, on a gateway made anew for each clause.

    Raises:
        ConformanceFailed: It names each clause that was violated.
    """
    run_clauses(MERCHANT_GATEWAY.clauses, lambda _: make_gateway())
