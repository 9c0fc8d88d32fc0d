"""Whether an order's reservations hold what its lines wait for, and lost what left them (invariant I10). Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby

from mktcore.audit.order_records import OrderRecords, OrderRules
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.default_processes import Flag
from mktcore.orders.effects import CHANGE_STOCK
from mktcore.orders.effects.stock import StockEffect, StockMove, find_stock_effects
from mktcore.orders.history import collect_moves
from mktcore.orders.order_line import LineSource, OrderLine
from mktcore.processes import PortionsMachine
from mktcore.processes.portions import Move
from mktcore.stock import Reservation
from mktcore.stock.reservation import ReservationState

__all__ = ["check_stock"]


def check_stock(order: Order, records: OrderRecords, rules: OrderRules) -> Iterator[Notice]:
    """Yield a finding for everything about the reservations of an order's lines that does not hold."""
    if CHANGE_STOCK not in rules.effects:
        return
    for part in order.merchant_orders:
        machine = rules.find_machine(part.fulfilment)
        if machine is not None:
            machines = (machine, *(one for pair in rules.processes.list_held() for one in pair.list_parts()))
            yield from _check_part(part, records, machines)


def _check_part(part: MerchantOrder, records: OrderRecords, machines: tuple[PortionsMachine, ...]) -> Iterator[Notice]:
    """Look at the reservations of one part: the first machine is its own, the others it may have been on before."""
    machine = machines[0]
    reserved = {state.name for state in machine.process.states if state.has(Flag.RESERVED)}
    moved: dict[StockMove, Counter[str]] = {move: Counter() for move in StockMove}
    for effect in _find_effects(machines, collect_moves(part, records.steps.get(part.id, ()))):
        moved[effect.move][effect.line] += effect.quantity
    # Where the start is no reserved state, flags do not tell which pieces had left when they came back.
    is_told = machine.process.initial in reserved
    states = part.states
    for line in part.lines:
        where = f"{part.id}.lines.{line.key}"
        held = sum(quantity for state, quantity in states.get(line.key, {}).items() if state in reserved)
        if not part.fulfilment.portions:
            held = line.quantity  # its merchant does not know of it yet
        for sources in line.group_sources():
            found = [records.reservations.get(source.reservation) for source in sources]
            there, per = [one for one in found if one is not None], sources[0].per
            remaining = sum(one.remaining for one in there)
            if held * per != remaining:
                yield Notice("I10", where, f"{held * per} pieces wait to be shipped, and {remaining} are reserved")
            if is_told:
                yield from _check_pieces(where, there, {move: own[line.key] * per for move, own in moved.items()})
        yield from _check_sources(part, line, records)


def _find_effects(machines: tuple[PortionsMachine, ...], moves: tuple[Move, ...]) -> Iterator[StockEffect]:
    """Yield what moves mean for stock by the process that the pieces were on then; a migration means nothing."""
    happened = (move for move in moves if not move.is_migration())
    for place, own in groupby(happened, key=partial(_find_place, machines)):
        yield from find_stock_effects(machines[place], own)


def _find_place(machines: tuple[PortionsMachine, ...], move: Move) -> int:
    """Return the place of the first machine that knows the states of a move; the first one where none does."""
    states = {move.target} if move.source is None else {move.source, move.target}
    return next((place for place, one in enumerate(machines) if states <= one.tables.groups.keys()), 0)


def _check_pieces(where: str, reservations: list[Reservation], moved: Mapping[StockMove, int]) -> Iterator[Notice]:
    consumed = sum(one.consumed for one in reservations)
    given_back = sum(one.given_back for one in reservations)
    returned = sum(one.returned for one in reservations)
    left, freed = moved[StockMove.LEAVES] - moved[StockMove.RECALLED], moved[StockMove.FREED]
    if consumed != left:
        yield Notice("I10", where, f"{left} pieces left by its history, {consumed} by its reservations")
    if given_back != freed:
        yield Notice("I10", where, f"{freed} pieces were canceled by its history, {given_back} by its reservations")
    # Not less: what came back under an earlier release was not noted.
    if returned > moved[StockMove.RETURNED]:
        message = f"{moved[StockMove.RETURNED]} pieces came back by its history, {returned} by its reservations"
        yield Notice("I10", where, message)


def _check_sources(part: MerchantOrder, line: OrderLine, records: OrderRecords) -> Iterator[Notice]:
    for source in line.list_sources():
        reservation = records.reservations.get(source.reservation)
        where = f"reservation {source.reservation}"
        if reservation is None:
            yield Notice("I10", where, f"it is missing, and line {line.key} of {part.id} refers to it")
        else:
            yield from _check_source(where, reservation, part, source=source)


def _check_source(where: str, reservation: Reservation, part: MerchantOrder, *, source: LineSource) -> Iterator[Notice]:
    told = (reservation.item, reservation.merchant, reservation.quantity)
    if told != (source.item, part.merchant, source.quantity):
        yield Notice("I10", where, f"it is of other goods, another merchant or other pieces than {part.id} tells")
    if reservation.expires_at is not None:
        yield Notice("I17", where, f"it expires at {reservation.expires_at}, and {part.id} is placed")
    ended = reservation.consumed + reservation.given_back == reservation.quantity
    if ended and reservation.state is ReservationState.LIVE:
        yield Notice("I10", where, "it is live, and holds nothing")
    if _ended_otherwise(reservation):
        yield Notice("I10", where, f"it ended as {reservation.state}, and its pieces did not")


def _ended_otherwise(reservation: Reservation) -> bool:
    """Tell whether a reservation ended by name, and its pieces otherwise."""
    if reservation.state is ReservationState.CONSUMED:
        return reservation.given_back == reservation.quantity
    if reservation.state is ReservationState.RELEASED:
        return reservation.consumed == reservation.quantity
    return reservation.state is ReservationState.EXPIRED
