"""`promotions.csv`: one row for each, its common conditions in columns of their own, any other as a document."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeVar, get_args

from mktcore.loading.bundle_parts import read_bundle
from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import MarketFile, each_row, write_records
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    CheapestFree,
    FixedPrice,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import Condition, FirstOrder, InChannel, InGroup, Quantity, WithPoolCode
from mktcore.promotions.effects import Effect, Gift
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Caps, Level
from mktcore.promotions.promotion_currencies import list_currencies
from mktcore.totals.inputs import Basis
from mktcore.wire import from_json
from mktcore.wire.errors import InvalidDocument

__all__ = ["PROMOTIONS_FILE"]

EFFECTS = ("percent-off", "amount-off", "fixed-price", "buy-x-get-y", "cheapest-free", "shipping-off", "gift")
MAX_DOCUMENT = 20_000
"""Characters in a condition written as a document; other texts are shorter, see `RowFields.read`."""
_SHOWN = 3
_CONDITIONS = get_args(Condition)
_PIECES: tuple[type[Pieces | Sets], ...] = (Pieces, Sets)

T = TypeVar("T")


def _read_promotion(fields: RowFields, reader: FolderReader) -> None:
    key = reader.key(fields, "promotion", "promotion")
    owner = reader.refer_optional(fields, "merchant", "merchant") or None
    currency = reader.currency
    effect, targets = _read_effect(fields, currency), _read_targets(fields)
    level, valid = fields.choice("level", Level, Level.ORDER), fields.window("valid_from", "valid_until")
    condition, priority = _read_condition(fields, targets, currency), fields.whole("priority", "0")
    combines = fields.texts("combines_with") if fields.read("combines_with") else None
    share = fields.fraction("merchant_share") if fields.read("merchant_share") else None
    caps, limits = _read_caps(fields, currency), _read_limits(fields, currency)
    judged = fields.choice("judged", Level) if fields.read("judged") else None
    pieces, charges, spends_pieces = _read_pieces(fields), _read_charges(fields), fields.flag("spends_pieces")
    title, group, is_exclusive = fields.text("title"), fields.text("group"), fields.flag("exclusive")
    made = None
    if effect is not None:
        made = fields.build(
            lambda: Promotion(
                key,
                effect,
                owner,
                condition=condition,
                targets=targets,
                level=Level(level),
                judged=None if judged is None else Level(judged),
                pieces=pieces,
                spends_pieces=spends_pieces,
                charges=charges,
                valid=valid,
                priority=priority,
                group=group,
                exclusive=is_exclusive,
                combines_with=combines,
                caps=caps,
                limits=limits,
                merchant_share=share,
                title=title,
            ),
            "promotion",
        )
    if made is not None:
        _keep(made, fields, reader)


def _keep(made: Promotion, fields: RowFields, reader: FolderReader) -> None:
    currency = reader.currency
    # Of the row's own columns all are read as the market's; a document may say anything.
    if list_currencies(made) - {currency.code}:
        fields.fault("condition", f"it asks for amounts in another currency than {currency}", f"write {currency}")
    reader.contents.keep(PROMOTIONS, made)
    reader.own(fields, PROMOTIONS, made.id, word="promotion", owner=made.owner)


def _read_effect(fields: RowFields, currency: Currency) -> Effect | None:
    kind = fields.choice("effect", EFFECTS)
    if kind == "shipping-off":
        return _read_shipping(fields, currency)
    if kind == "percent-off":
        percent = fields.fraction("percent")
        basis = Basis.ORIGINAL if fields.flag("of_original_price") else Basis.REMAINING
        return fields.join(("percent",), lambda: PercentOff(percent, basis=basis))
    if kind in {"amount-off", "fixed-price"}:
        amount, per_piece = fields.money("amount", currency), fields.flag("per_piece")
        every = fields.optional_money("every", currency)
        if amount is None:
            return None
        if kind == "fixed-price":
            return fields.join(("amount",), lambda: FixedPrice(amount))
        return fields.join(("every", "amount"), lambda: AmountOff(amount, per_piece=per_piece, every=every))
    if kind == "gift":
        sku, given = fields.name("gift", "SKU"), fields.whole("get", "1")
        offer = fields.name("gift_offer", "offer") if fields.read("gift_offer") else None
        is_kept = fields.flag("gift_kept")
        return fields.join(("gift", "get", "gift_offer"), lambda: Gift(sku, given, offer, is_kept=is_kept))
    if not kind:
        return None
    buy, times = fields.whole("buy"), fields.optional_whole("times")
    if kind == "cheapest-free":
        return fields.join(("times", "buy"), lambda: CheapestFree(buy, times))
    # Without a percentage what comes with it is free.
    get, percent = fields.whole("get", "1"), fields.fraction("percent") if fields.read("percent") else Decimal(1)
    of = LineFilter(skus=fields.ids("get_skus", "SKU"), categories=fields.texts("get_categories"))
    others, which = None if of == LineFilter() else of, fields.choice("get_which", Which, Which.CHEAPEST)
    return fields.join(
        ("get", "percent", "times", "buy"),
        lambda: BuyXGetY(buy, get, percent, of=others, times=times, which=Which(which)),
    )


def _read_shipping(fields: RowFields, currency: Currency) -> Effect | None:
    """Read a percentage, an amount or a flat price of shipping; neither is a fault of the percentage."""
    amount = fields.optional_money("amount", currency) if fields.read("amount") else None
    price = fields.optional_money("shipping_price", currency) if fields.read("shipping_price") else None
    per_charge = fields.flag("per_charge")
    percent = fields.fraction("percent") if fields.read("percent") or (amount is None and price is None) else None
    return fields.join(
        ("percent", "amount", "shipping_price"),
        lambda: ShippingOff(percent, amount, price=price, per_charge=per_charge),
    )


def _read_pieces(fields: RowFields) -> Pieces | Sets | None:
    """Read pieces at most, how many of the same targets make up a set, or a bundle; others are written in JSON."""
    if fields.read("pieces_at_most"):
        most, which = fields.whole("pieces_at_most"), fields.choice("pieces_which", Which, Which.CHEAPEST)
        return fields.join(("pieces_at_most", "pieces_which"), lambda: Pieces(most, Which(which)))
    if fields.read("set_of"):
        count, times = fields.whole("set_of"), fields.optional_whole("times")
        return fields.join(("set_of", "times"), lambda: Sets((SetPart(count),), times))
    if fields.read("bundle"):
        parts, times = fields.texts("bundle"), fields.optional_whole("times")
        return fields.join(("times", "bundle"), lambda: Sets(read_bundle(parts), times))
    return _read_document(fields, "pieces", _PIECES, word="choice of pieces") if fields.read("pieces") else None


def _read_charges(fields: RowFields) -> ChargeFilter | None:
    keys = fields.texts("charges") if fields.read("charges") else ()
    if not keys:
        return None
    return ChargeFilter() if keys == ("*",) else ChargeFilter(keys=keys)


def _read_targets(fields: RowFields) -> LineFilter:
    on_sale = fields.optional_flag("on_sale")
    excluding = LineFilter(
        skus=fields.ids("except_skus", "SKU"),
        categories=fields.texts("except_categories"),
        brands=fields.texts("except_brands"),
    )
    # What fits one of them is left out; a filter that names SKUs and brands asks for both.
    named = [part for part in _split_filter(excluding) if part != LineFilter()]
    if len(named) > 1:
        fields.fault("except_skus", "two kinds are left out", "name SKUs, or categories, or brands")
    return LineFilter(
        skus=fields.ids("skus", "SKU"),
        categories=fields.texts("categories"),
        brands=fields.texts("brands"),
        merchants=fields.ids("merchants", "merchant"),
        on_sale=on_sale,
        excluding=named[0] if named else None,
    )


def _split_filter(found: LineFilter) -> tuple[LineFilter, ...]:
    return LineFilter(skus=found.skus), LineFilter(categories=found.categories), LineFilter(brands=found.brands)


def _read_condition(fields: RowFields, targets: LineFilter, currency: Currency) -> Condition | None:
    found = tuple(_read_conditions(fields, targets, currency))
    if len(found) > 1:
        return AllOf(found)
    return found[0] if found else None


def _read_conditions(fields: RowFields, targets: LineFilter, currency: Currency) -> Iterator[Condition]:
    if fields.read("codes"):
        yield WithCode(fields.texts("codes"))
    if fields.read("pool"):
        pool = fields.name("pool", "pool")
        if fields.is_sound("pool"):
            yield WithPoolCode(pool)
    if fields.read("user_groups"):
        yield InGroup(fields.texts("user_groups"))
    if fields.read("channels"):
        yield InChannel(fields.texts("channels"))
    if fields.flag("first_order"):
        yield FirstOrder()
    least = fields.optional_money("from_amount", currency)
    if least is not None:
        basis = Basis.REMAINING if fields.flag("from_what_is_left") else Basis.ORIGINAL
        yield Amount(least, of=targets, basis=basis)
    if fields.read("from_quantity"):
        yield Quantity(fields.whole("from_quantity"), of=targets)
    condition = _read_document(fields, "condition", _CONDITIONS, word="condition")
    if condition is not None:
        yield condition


def _read_document(fields: RowFields, column: str, types: tuple[type[T], ...], *, word: str) -> T | None:
    """Read a value that stands as a document; None where there is none, or none that is sound."""
    document = fields.read(column, longest=MAX_DOCUMENT)
    if not document or not fields.is_sound(column):
        return None
    try:
        found = from_json(document)
    except InvalidDocument as error:
        found = "; ".join(str(problem) for problem in error.problems[:_SHOWN])
    # A document can be of any type that is stored; only these may stand here.
    if isinstance(found, types):
        return found
    reason = f"it is no {word}: {found}" if isinstance(found, str) else f"it is no {word}"
    fields.fault(column, reason, "write one with its $type, as to_json does")
    return None


def _read_caps(fields: RowFields, currency: Currency) -> Caps:
    columns = {"order": "order_cap", "line": "line_cap", "floor": "price_floor"}
    return Caps(**{name: fields.optional_money(column, currency) for name, column in columns.items()})


def _read_limits(fields: RowFields, currency: Currency) -> Limits:
    uses, per_buyer = fields.optional_whole("uses"), fields.optional_whole("uses_per_buyer")
    per_code = fields.optional_whole("uses_per_code")
    return Limits(uses=uses, per_buyer=per_buyer, per_code=per_code, budget=fields.optional_money("budget", currency))


PROMOTIONS_FILE = MarketFile(
    name="promotions.csv",
    columns=Columns(
        ("promotion", "effect"),
        (
            *("title", "merchant", "percent", "amount", "buy", "get", "times"),
            *("of_original_price", "per_piece", "shipping_price", "per_charge", "gift", "gift_offer", "gift_kept"),
            *(
                "get_skus",
                "get_categories",
                "get_which",
                "every",
                "bundle",
                "except_skus",
                "except_categories",
                "except_brands",
            ),
            *("pieces_at_most", "pieces_which", "set_of", "pieces", "spends_pieces", "charges", "judged", "on_sale"),
            *("pool", "from_what_is_left", "uses_per_code"),
            *(
                "level",
                "priority",
                "group",
                "exclusive",
                "combines_with",
                "merchant_share",
                "valid_from",
                "valid_until",
            ),
            *("skus", "categories", "brands", "merchants"),
            *("codes", "user_groups", "channels", "first_order", "from_amount", "from_quantity", "condition"),
            *("uses", "uses_per_buyer", "budget", "order_cap", "line_cap", "price_floor"),
        ),
    ),
    read=each_row(_read_promotion),
    write=write_records(PROMOTIONS),
)
