"""What the conformance checks store: small aggregates with every kind of field and of ownership."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Self

import attrs

from mktcore.clock import to_utc
from mktcore.events import Event
from mktcore.money import Money
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, Party, Scope, column
from mktcore.persistence.dated_mark import Mark
from mktcore.persistence.kinds import EVERY_USER, Ordered, Several
from mktcore.wire import register_type

__all__ = [
    "AT",
    "ENTRIES",
    "KINDS",
    "NOTICES",
    "NO_MONEY",
    "PARCELS",
    "SETTINGS",
    "SHELVES",
    "STAMPS",
    "Entry",
    "Parcel",
    "ParcelMoved",
    "SampleNotice",
    "SampleShelf",
    "Setting",
    "Size",
    "Stamp",
]

NO_MONEY = Money.from_minor(0, "EUR")
# To the microsecond, so that a store that cuts instants reads another one back.
AT = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)


class Size(StrEnum):
    """An enum to store."""

    SMALL = "small"
    LARGE = "large"


@attrs.frozen
class Parcel:
    """Belongs to a merchant and a buyer; `lot` and `label` are unique together for a merchant."""

    id: str
    merchant: str
    buyer: str | None = None
    label: str | None = None
    lot: int | None = None
    note: str = ""
    size: Size = Size.SMALL
    price: Money = NO_MONEY
    rate: Decimal = Decimal(0)
    share: Fraction = Fraction(0)
    sealed: bool = False
    count: int = 0
    at: datetime = attrs.field(default=AT, converter=to_utc)
    valid: Period = ALWAYS
    parts: tuple[tuple[str, int], ...] = ()
    taxes: Mapping[tuple[str, Decimal], Money] = attrs.field(factory=dict)
    tags: frozenset[str] = frozenset()
    version: int = 0


@attrs.frozen
class SampleNotice:
    """Everybody may read it; the merchant who posted it may write it."""

    id: str
    merchant: str
    text: str = ""
    version: int = 0


@attrs.frozen
class Setting:
    """The operator's own."""

    id: str
    text: str = ""
    version: int = 0


@attrs.frozen
class SampleShelf:
    """Shown to the buyers related to its merchant, who is set at creation only; the operator's where there is none."""

    id: str
    merchant: str | None
    text: str = ""
    version: int = 0


@attrs.frozen
class Stamp:
    """Names a merchant, who reads it apart from the note; the operator alone writes it."""

    id: str
    merchant: str
    note: str | None = None
    series: str = ""
    version: int = 0

    def view_for(self, scope: Scope) -> "Stamp":
        """Return it without the note for a merchant."""
        return self if scope.caller.party is Party.OPERATOR else attrs.evolve(self, note=None)


@attrs.frozen
class Entry:
    """Has an ordered column of each type, any of which may be empty, and two columns of several texts."""

    id: str
    merchant: str
    rank: int | None = None
    at: datetime | None = None
    title: str | None = None
    shelf: str = ""
    version: int = 0
    marks: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ParcelMoved(Event):
    """An event to publish; what the merchant charges is no matter of the buyer."""

    subject_kind: ClassVar[str] = "testing_parcel"
    to: str = ""
    fee: Money | None = None

    def view_for(self, scope: Scope) -> Self:
        """Return it without the fee for a buyer."""
        return attrs.evolve(self, fee=None) if scope.caller.party is Party.BUYER else self


_PARTIES = frozenset({Party.MERCHANT, Party.BUYER})
PARCELS: Kind[Parcel] = Kind(
    "testing_parcel",
    Parcel,
    columns={
        "merchant": column("merchant"),
        "buyer": column("buyer"),
        "label": column("label"),
        "lot": column("lot"),
        "size": column("size"),
    },
    unique=(("merchant", "label"),),
    marks=lambda parcel: [Mark(tag, parcel.valid) for tag in parcel.tags],
    merchant="merchant",
    buyer="buyer",
    writers=_PARTIES,
)
NOTICES: Kind[SampleNotice] = Kind(
    "testing_notice",
    SampleNotice,
    columns={"merchant": column("merchant")},
    merchant="merchant",
    public=True,
    writers=_PARTIES,
    reads=EVERY_USER,
    writes="notices.write",
)
SETTINGS: Kind[Setting] = Kind("testing_setting", Setting, columns={"text": column("text")})
SHELVES: Kind[SampleShelf] = Kind(
    "testing_shelf",
    SampleShelf,
    columns={"merchant": column("merchant"), "text": column("text")},
    merchant="merchant",
    related="merchant",
    writers=_PARTIES,
    fixed=("merchant",),
)
STAMPS: Kind[Stamp] = Kind(
    "testing_stamp",
    Stamp,
    columns={"merchant": column("merchant"), "series": column("series")},
    merchant="merchant",
    reads="stamps.read",
    view=Stamp.view_for,
)
ENTRIES: Kind[Entry] = Kind(
    "testing_entry",
    Entry,
    columns={"merchant": column("merchant"), "shelf": column("shelf")},
    ordered={
        "rank": Ordered(column("rank"), int, within=("shelf", ("merchant", "shelf"))),
        "at": Ordered(column("at"), datetime),
        "title": Ordered(column("title"), str),
    },
    several={
        "mark": Several(lambda entry: entry.marks, order="rank", within=(("merchant", "shelf"),)),
        "word": Several(lambda entry: entry.words),
    },
    together=(("merchant", "shelf"),),
    merchant="merchant",
    writers=_PARTIES,
)
KINDS = (PARCELS, NOTICES, SETTINGS, SHELVES, STAMPS, ENTRIES)

register_type("testing.parcel", 1, Parcel)
register_type("testing.notice", 1, SampleNotice)
register_type("testing.setting", 1, Setting)
register_type("testing.shelf", 1, SampleShelf)
register_type("testing.stamp", 1, Stamp)
register_type("testing.entry", 1, Entry)
register_type("testing.parcel-moved", 1, ParcelMoved)
