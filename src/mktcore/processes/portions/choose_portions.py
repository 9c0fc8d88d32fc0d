"""Which portions of a subject an event takes, and what was asked for but is not there."""

from collections.abc import Mapping

from mktcore.errors import show_value
from mktcore.notice import Notice
from mktcore.processes.machine.refusals import describe_no_match
from mktcore.processes.machine.tables import Tables
from mktcore.processes.portions.command_contract import PortionsFiring
from mktcore.processes.portions.subject import Portion, Subject, build_portion

__all__ = ["MAX_UNITS", "Pieces", "PortionsByState", "choose_portions", "cut_portion"]

PortionsByState = dict[str, list[Portion]]
"""Portions, cut to the quantities that are to move, by the state they are in."""


MAX_UNITS = 10**12
"""More than any portion has: what is refused is kept under its key, and must be readable."""

Pieces = Mapping[str, int | Mapping[str, int]]
"""By line, how many units; or how many in which state, where units of one line are to be told apart."""


def choose_portions(
    tables: Tables[PortionsFiring], subject: Subject, event: str, *, quantities: Pieces | None
) -> tuple[PortionsByState, list[Notice]]:
    """Return what the event reaches, by state, and what was asked for but is not there."""
    places = {line: asked for line, asked in (quantities or {}).items() if isinstance(asked, Mapping)}
    if places:
        return _choose_places(tables, subject, event, places=places)
    return _choose_quantities(tables, subject, event, quantities=quantities)  # type: ignore[arg-type]  # no mapping left


def _choose_places(
    tables: Tables[PortionsFiring], subject: Subject, event: str, *, places: Mapping[str, Mapping[str, int]]
) -> tuple[PortionsByState, list[Notice]]:
    """Return portions of lines in the states that were named, and what of them is not there."""
    chosen: PortionsByState = {}
    wanted = {(line, state): units for line, states in places.items() for state, units in states.items()}
    for portion in subject.portions:
        stay = portion.line, portion.state
        units = min(wanted.get(stay, 0), portion.quantity)
        if units and event in tables.groups.get(portion.state, ()):
            wanted[stay] -= units
            chosen.setdefault(portion.state, []).append(cut_portion(portion, units))
    missing = {line: sum([units for (own, _), units in wanted.items() if own == line]) for line in places}
    problems = [
        _describe_shortage(tables, subject, event, line=line, asked=sum(places[line].values()), missing=units)
        for line, units in missing.items()
        if units
    ]
    return chosen, problems


def _choose_quantities(
    tables: Tables[PortionsFiring], subject: Subject, event: str, *, quantities: Mapping[str, int] | None
) -> tuple[PortionsByState, list[Notice]]:
    chosen: PortionsByState = {}
    if quantities is None:
        for portion in subject.portions:
            if event in tables.groups.get(portion.state, ()):
                chosen.setdefault(portion.state, []).append(portion)
        return chosen, [] if chosen else [
            describe_no_match(tables, event, [portion.state for portion in subject.portions])
        ]
    problems = [
        _refuse_quantity(line, quantity)
        for line, quantity in quantities.items()
        if type(quantity) is not int or not 1 <= quantity <= MAX_UNITS
    ]
    if not quantities:
        problems.append(Notice("processes.quantity", "quantities", "no quantity was asked for", "leave it out"))
    # With malformed quantities shortages would only repeat what is told.
    wanted = {} if problems else dict(quantities)
    for portion in subject.portions:
        left = wanted.get(portion.line, 0)
        if left and event in tables.groups.get(portion.state, ()):
            quantity = min(left, portion.quantity)
            wanted[portion.line] = left - quantity
            chosen.setdefault(portion.state, []).append(cut_portion(portion, quantity))
    for line, missing in wanted.items():
        if missing:
            problems.append(
                _describe_shortage(tables, subject, event, line=line, asked=quantities[line], missing=missing)
            )
    return chosen, problems


def _refuse_quantity(line: str, quantity: object) -> Notice:
    message = f"{show_value(quantity, repr)} is no quantity"
    return Notice("processes.quantity", f"quantities[{line!r}]", message, f"give 1 to {MAX_UNITS}")


def cut_portion(portion: Portion, quantity: int) -> Portion:
    """Return the portion with another quantity, everything else as it is."""
    if quantity == portion.quantity:
        return portion
    # positional: in the order of the fields, as on the inner path of an event
    return build_portion(portion.line, portion.state, quantity, portion.since, portion.timed_out)


def _describe_shortage(
    tables: Tables[PortionsFiring], subject: Subject, event: str, *, line: str, asked: int, missing: int
) -> Notice:
    if event not in tables.events:
        return describe_no_match(tables, event, ())
    where = f"quantities[{line!r}]"
    states = subject.states().get(line)
    if states is None:
        return Notice(
            "processes.unknown-line", where, f"{subject.id!r} has no line {line!r}", remedy="", operands={"line": line}
        )
    there = ", ".join(f"{count} in {state!r}" for state, count in states.items())
    message = f"{event!r} reaches {asked - missing} of {asked} units: there are {there}"
    operands = {"line": line, "asked": asked, "missing": missing}
    return Notice("processes.no-match", where, message, remedy="ask for what is there", operands=operands)
