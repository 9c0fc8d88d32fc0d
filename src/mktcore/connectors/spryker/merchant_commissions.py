"""`load_merchant_commissions`: commission rules from Spryker's CSV files of merchant commissions."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from mktcore.commissions import CommissionBase, CommissionRule, Fixed, Percentage, SaleFilter
from mktcore.connectors.spryker.sale_conditions import (
    GROSS_MODE,
    NET_MODE,
    ConditionRefused,
    read_item_condition,
    read_price_mode,
)
from mktcore.errors import MktcoreError
from mktcore.loading.csv_rows import Columns, read_rows
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.row_fields import RowFields
from mktcore.loading.written_instants import find_zone, read_on_clocks
from mktcore.money import Currency, Money
from mktcore.periods import Period

__all__ = ["load_merchant_commissions"]

_ROWS_OF_ONE_PRIORITY = 1_000_000
"""Ours is asked from the highest down, theirs from the lowest up; of two that are equal, theirs take the later one."""
_COLUMNS = Columns(
    ("key", "name", "is_active", "calculator_type_plugin", "priority"),
    (
        *("description", "valid_from", "valid_to", "amount", "merchant_commission_group_key", "group"),
        *("item_condition", "order_condition", "merchants_allow_list", "fixed_amount_configuration", "stores"),
    ),
)
_AMOUNT_COLUMNS = Columns(("merchant_commission_key", "currency", "value_net", "value_gross"))
_TIMES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
_UTC = ZoneInfo("UTC")
T = TypeVar("T")


@attrs.frozen
class _File:
    """What all rows of a file have in common."""

    currency: Currency
    mode: str
    amounts: Mapping[str, tuple[Money, ...]]

    @property
    def base(self) -> CommissionBase:
        """What a percentage is taken of: what is paid, as prices are stated."""
        return CommissionBase.GROSS if self.mode == GROSS_MODE else CommissionBase.NET_AFTER_ALL


def load_merchant_commissions(
    path: str | Path,
    currency: str | Currency,
    *,
    amounts: str | Path | None = None,
    prices_include_tax: bool = True,
    time_zone: str = "UTC",
) -> tuple[CommissionRule, ...]:
    """Return the rules that a file of merchant commissions describes, as it is imported or as the Back Office has it.

    Their priorities ascend, and of two equal ones the last row wins; ours descend, so they are turned round. An amount
    of 5 is 5 %; fixed amounts are taken of each piece. Rules for orders of the other price mode are left out, for here
    all prices are stated alike. Stores become channels.

    Args:
        path: `merchant_commission.csv`.
        currency: Of the prices in its conditions.
        amounts: `merchant_commission_amount.csv`, with the fixed amounts in minor units; None where the file itself has
            them, as `EUR|0.5|0.5`, or there are none.
        prices_include_tax: Whether the marketplace's prices do: it decides which of two amounts is taken, net or gross.
        time_zone: On whose clocks their dates and times are. To them a date is its midnight, so a rule with a date in
            `valid_to` ends as that day begins; `6/7/2029` is the seventh of June.

    Raises:
        InvalidValue: There is no such time zone.
        LoadRefused: Some rows cannot be understood; every fault has its place.
    """
    faults, found = LoadFaults(), Currency.of(currency)
    mode = GROSS_MODE if prices_include_tax else NET_MODE
    file = _File(found, mode, {} if amounts is None else _read_amounts(Path(amounts), mode, faults))
    rules = []
    zone = find_zone(time_zone)
    for number, row in enumerate(read_rows(Path(path), _COLUMNS, faults)):
        rule = _read_rule(RowFields(row, faults, zone), file, number)
        rules += [] if rule is None else [rule]
    faults.raise_if_any()
    return tuple(rules)


def _read_rule(fields: RowFields, file: _File, number: int) -> CommissionRule | None:
    key, priority = fields.name("key", "merchant commission"), fields.whole("priority")
    group = fields.read("merchant_commission_group_key") or fields.read("group") or "primary"
    is_active, valid = fields.choice("is_active", ("0", "1")), _read_period(fields)
    terms, where = _read_terms(fields, file, key), _read_filter(fields, file)
    mode = _understand(fields, "order_condition", read_price_mode)
    if terms is None or where is None or mode is None:
        return None
    rule = fields.build(
        lambda: CommissionRule(
            key,
            terms,
            group=group,
            priority=number - priority * _ROWS_OF_ONE_PRIORITY,
            where=where,
            base=file.base,
            valid=valid,
            is_active=is_active == "1",
        )
    )
    return rule if mode in {"", file.mode} else None


def _read_filter(fields: RowFields, file: _File) -> SaleFilter | None:
    found = _understand(fields, "item_condition", lambda text: read_item_condition(text, file.currency))
    merchants, stores = (_split(fields.read(column)) for column in ("merchants_allow_list", "stores"))
    return None if found is None else attrs.evolve(found, merchants=merchants, channels=stores)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _understand(fields: RowFields, column: str, read: Callable[[str], T]) -> T | None:
    try:
        return read(fields.read(column))
    except ConditionRefused as refusal:
        fields.fault(column, str(refusal), "say it in a rule of our own, or in several")
        return None


def _read_terms(fields: RowFields, file: _File, key: str) -> Percentage | Fixed | None:
    kind = fields.choice("calculator_type_plugin", ("percentage", "fixed"))
    if kind == "fixed":
        return _read_fixed(fields, file, key)
    text = fields.read("amount")
    try:
        # Python reads 1_0 and digits of other scripts too.
        percent = Decimal(text if _PERCENT.fullmatch(text) else "")
        return Percentage(percent / 100)
    except (InvalidOperation, MktcoreError):
        fields.fault("amount", f"{text[:40]!r} is no percentage", "write 5 for 5 %, at most 100")
        return None


def _read_fixed(fields: RowFields, file: _File, key: str) -> Fixed | None:
    try:
        own = tuple(_list_amounts(fields.read("fixed_amount_configuration"), file.mode))
        found = own or file.amounts.get(key, ())
        if not found:
            fields.fault(
                "amount", "there is no fixed amount in any currency", "give merchant_commission_amount.csv too"
            )
            return None
        return Fixed(found[0], others=found[1:])
    except (MktcoreError, ValueError) as error:
        reason = error.describe() if isinstance(error, MktcoreError) else str(error)
        fields.fault("fixed_amount_configuration", reason, "write EUR|0.5|0.5,CHF|0.5|0.5")
        return None


def _list_amounts(text: str, mode: str) -> Iterator[Money]:
    """Yield the amounts of `EUR|0.5|0.5,CHF|0.5|0.5`: the currency, then net and gross in major units."""
    for part in _split(text):
        code, net, gross = (piece.strip() for piece in part.split("|"))
        yield Money.of(gross if mode == GROSS_MODE else net, code)


def _read_amounts(path: Path, mode: str, faults: LoadFaults) -> dict[str, tuple[Money, ...]]:
    found: dict[str, tuple[Money, ...]] = {}
    column = "value_gross" if mode == GROSS_MODE else "value_net"
    for row in read_rows(path, _AMOUNT_COLUMNS, faults):
        fields = RowFields(row, faults)
        key, amount = fields.name("merchant_commission_key", "commission"), _read_minor(fields, column)
        if amount is not None:
            found[key] = (*found.get(key, ()), amount)
    return found


def _read_minor(fields: RowFields, column: str) -> Money | None:
    minor, code = fields.whole(column), fields.read("currency")
    return fields.join((column, "currency"), lambda: Money.from_minor(minor, code))


def _read_period(fields: RowFields) -> Period:
    start, end = _read_time(fields, "valid_from"), _read_time(fields, "valid_to")
    return fields.join(("valid_from", "valid_to"), lambda: Period(start, end)) or Period()


def _read_time(fields: RowFields, column: str) -> datetime | None:
    text = fields.read(column)
    for form in _TIMES if text else ():
        try:
            local = datetime.strptime(text, form)  # noqa: DTZ007 - on the clocks of the zone
        except ValueError:
            continue
        return fields.join((column,), lambda: read_on_clocks(text, local, fields.zone or _UTC))  # noqa: B023 - asked now
    if text:
        fields.fault(column, f"{text[:40]!r} is no date", "write 2029-06-30, or 6/30/2029 0:00:00")
    return None
