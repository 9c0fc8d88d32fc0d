"""An action: what a caller does to an order, with the facts of it."""

from collections.abc import Iterable
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.persistence import Party, Scope

__all__ = [
    "EVERY_PARTY",
    "Action",
    "UnknownAction",
    "check_action",
    "check_classes",
    "list_fact_names",
    "list_facts",
    "to_action",
    "to_event",
]

MAX_FACT = 200
EVERY_PARTY = frozenset(Party)


@attrs.frozen
class Action:
    """Base of every action: a frozen value that names an event of the order's process and carries the event's facts.

    Its fields are the facts. Texts among them are printable, at least one character, and 200 at most.

    >>> @attrs.frozen
    ... class Weigh(Action):
    ...     event: ClassVar[str] = "weigh"
    ...     grams: int
    >>> Weigh(1200).event
    'weigh'

    Attributes:
        event: Name of the event that it fires.
        shown_to: The parties that may see its facts, in the history and in events; the operator sees all. A buyer sees
            none unless the action says so.

    Raises:
        InvalidValue: A text is empty, too long, or holds characters that cannot be printed.
    """

    event: ClassVar[str]
    shown_to: ClassVar[frozenset[Party]] = frozenset({Party.OPERATOR, Party.MERCHANT})

    def __attrs_post_init__(self) -> None:
        for name, fact in list_facts(self).items():
            # Facts come from callers and go on to screens, labels and other systems.
            if isinstance(fact, str) and not (0 < len(fact) <= MAX_FACT and fact.isprintable()):
                raise InvalidValue(type(self).__name__, name, fact, f"printable text of 1 to {MAX_FACT} characters")

    def view_for(self, scope: Scope) -> "Action | None":
        """Return it when the caller may see its facts."""
        party = scope.caller.party
        return self if party is Party.OPERATOR or party in self.shown_to else None


@attrs.define(eq=False, slots=False)
class UnknownAction(MktcoreError):
    """An action of a class that the marketplace was not told of: nothing could read its facts back."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "orders.unknown-action"
    remedy: ClassVar[str] = "add its class to the setting `actions`, and its tag to the wire's registry"
    action: str
    known: tuple[str, ...]

    def describe(self) -> str:
        """Name the class, and those there are."""
        return f"{self.action} is none of the marketplace's actions: {', '.join(self.known)}"


def check_classes(actions: Iterable[type[Action]]) -> None:
    """Refuse a class of actions that names no event: it could never happen.

    Raises:
        InvalidValue: One names none.
    """
    for action in actions:
        # The base declares it without a value, so a class that forgets it is found by looking only.
        event: object = getattr(action, "event", None)
        if not isinstance(event, str) or not event:
            raise InvalidValue(action.__name__, "event", event, "the name of an event of a process")


def check_action(action: Action | str, known: tuple[type[Action], ...]) -> None:
    """Refuse an action of a class that is not registered; the name of an event needs none.

    Raises:
        UnknownAction: It is of none of these classes.
    """
    if not isinstance(action, str) and type(action) not in known:
        raise UnknownAction(type(action).__name__, tuple(one.__name__ for one in known))


def list_facts(action: Action | str) -> dict[str, object]:
    """Return the facts of an action that are told, by name; the name of an event has none.

    What is not told is left out, so an action without any fact asks for the same as its event's name.
    """
    if isinstance(action, str):
        return {}
    facts = {name: getattr(action, name) for name in list_fact_names(type(action))}
    return {name: fact for name, fact in facts.items() if fact is not None and fact != ()}


def list_fact_names(action: type[Action]) -> tuple[str, ...]:
    """Return the names of the facts that actions of a class may tell."""
    return tuple(field.name for field in attrs.fields(action))


def to_event(action: Action | str) -> str:
    """Return the name of the event that is fired."""
    return action if isinstance(action, str) else action.event


def to_action(action: Action | str) -> Action | None:
    """Return an action with the facts it carries; None for the name of an event."""
    return None if isinstance(action, str) else action
