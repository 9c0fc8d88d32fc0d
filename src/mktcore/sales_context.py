"""Who buys, and where: what prices, offers and promotions may depend on beside the goods themselves."""

from collections.abc import Iterable

import attrs

from mktcore.ids import check_id

__all__ = ["VISITOR", "SalesContext"]


def _to_texts(texts: Iterable[str]) -> tuple[str, ...]:
    # One text is an iterable of its letters: a group named "vip" must not become three groups.
    return (texts,) if isinstance(texts, str) else tuple(texts)


@attrs.frozen
class SalesContext:
    """For whom and where something is priced, shown or sold.

    >>> SalesContext("buyer-1", groups=["vip"], channel="web").groups
    ('vip',)

    Attributes:
        buyer: The buyer; None for a visitor who is no buyer yet.
        user: The user who buys or looks for the buyer, where the host knows one.
        groups: The user groups that the user is in, as the host knows them: prices may be for them only.
        channel: The sales channel; None where the host names none.
    """

    buyer: str | None = None
    user: str | None = attrs.field(default=None, kw_only=True)
    groups: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_texts)
    channel: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.buyer is not None:
            check_id("buyer", self.buyer)


VISITOR = SalesContext()
"""Somebody of whom nothing is known: no buyer, in no group, in no particular channel."""
