"""Clauses about values: what is read back is what was written, in every field."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mktcore.money import Money
from mktcore.periods import Period
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import Size
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["VALUES"]

VALUES = StoreArea("values")


def _expect_kept(bench: Bench, **fields: Any) -> None:
    bench.put(bench.parcel("p1", **fields))
    found = bench.find("p1")
    for name, value in fields.items():
        expect(getattr(found, name), value, name)


@VALUES
def decimals_stay_exact(bench: Bench) -> None:
    """A Decimal keeps every digit, and is a Decimal again, never a float."""
    rate = Decimal("0.1234567890123456789012345678901234567890")
    _expect_kept(bench, rate=rate)
    expect(str(getattr(bench.find("p1"), "rate", None)), str(rate))


@VALUES
def decimals_keep_their_digits(bench: Bench) -> None:
    """A Decimal keeps trailing zeros and its sign."""
    for position, text in enumerate(("0.10", "-0.0", "100", "1E+3")):
        bench.put(bench.parcel(position, rate=Decimal(text)))
        expect(f"{getattr(bench.find(position), 'rate', None):f}", f"{Decimal(text):f}")


@VALUES
def fractions_stay_exact(bench: Bench) -> None:
    """A Fraction keeps numerator and denominator."""
    _expect_kept(bench, share=Fraction(-1, 3))


@VALUES
def large_ints_stay_exact(bench: Bench) -> None:
    """An int beyond 64 bits keeps every digit."""
    _expect_kept(bench, count=2**70 + 1)


@VALUES
def ints_beyond_floats_stay_exact(bench: Bench) -> None:
    """An int that a float would round (2**53 + 1) keeps its last digit."""
    _expect_kept(bench, count=2**53 + 1, lot=2**53 + 1)


@VALUES
def money_stays_exact(bench: Bench) -> None:
    """Money keeps its minor units and its currency."""
    _expect_kept(bench, price=Money.from_minor(-(10**20) - 1, "KWD"))


@VALUES
def instants_keep_their_time_zone(bench: Bench) -> None:
    """An instant is read back aware, in UTC, the same to the microsecond."""
    # Nepal is no whole hour ahead, and European clocks skip 02:30 on this day.
    at = datetime(2026, 3, 29, 2, 30, 0, 123457, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    bench.put(bench.parcel("p1", at=at))
    found = getattr(bench.find("p1"), "at", None)
    expect(found, at)
    expect(getattr(found, "tzinfo", None), UTC)


@VALUES
def periods_stay_open(bench: Bench) -> None:
    """A period keeps its ends, and an open one stays open."""
    _expect_kept(bench, valid=Period(None, datetime(2026, 1, 1, tzinfo=UTC)))


@VALUES
def text_is_kept_as_it_is(bench: Bench) -> None:
    """Text keeps every character: quotes, line ends, NUL, emoji, decomposed accents, leading and trailing blanks."""
    _expect_kept(bench, note=" \0 \r\n \t ' \" \\ {} % \u2028 e\u0301 é 🧺 \U0010ffff ")


@VALUES
def empty_and_absent_differ(bench: Bench) -> None:
    """Empty text and None are two values, in fields and in columns."""
    bench.put(bench.parcel("p1", label=""), bench.parcel("p2", label=None))
    expect([getattr(bench.find(name), "label", 0) for name in ("p1", "p2")], ["", None])
    where = {"merchant": bench.acme.id, "label": ""}
    expect(bench.look(lambda unit: bench.parcels(unit).count(where)), 1)


@VALUES
def booleans_stay_booleans(bench: Bench) -> None:
    """True is read back as True, not as 1."""
    _expect_kept(bench, sealed=True, count=1)


@VALUES
def enums_stay_members(bench: Bench) -> None:
    """An enum is read back as its member."""
    _expect_kept(bench, size=Size.LARGE)


@VALUES
def collections_keep_type_and_order(bench: Bench) -> None:
    """Tuples keep their order and nesting, sets their items."""
    _expect_kept(bench, parts=(("b", 2), ("a", 1), ("b", 2)), tags=frozenset({"y", "x"}))


@VALUES
def mappings_keep_tuple_keys(bench: Bench) -> None:
    """A mapping by (name, rate) keeps its keys and their order."""
    taxes = {("VAT", Decimal("0.19")): Money.of("1.90", "EUR"), ("VAT", Decimal("0.07")): Money.of("0.07", "EUR")}
    _expect_kept(bench, taxes=taxes)
    expect(list(getattr(bench.find("p1"), "taxes", ())), list(taxes))


@VALUES
def long_documents_are_kept(bench: Bench) -> None:
    """A record of some hundred thousand characters is kept."""
    _expect_kept(bench, note="x" * 300_000, parts=tuple(("part", number) for number in range(5_000)))
