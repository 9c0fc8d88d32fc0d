"""What a host finds wrong with a cart, beside what the marketplace finds: checks of its own. Pure."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Protocol

import attrs

from mktcore.carts.simulation import Simulation
from mktcore.errors import ErrorCategory, MktcoreError, show_value
from mktcore.notice import Notice, Severity

__all__ = ["CheckAnswerRefused", "CheckCart", "ask_checks"]

PLAIN = (str, int, bool, type(None))
"""What operands of an issue are: a refused placement is kept with its issues, and answered again as it was."""


class CheckCart(Protocol):
    """A check of a host's own: a limit on hazardous goods, an age, a region that a licence excludes.

    It is asked whenever a cart is simulated or placed, inside the unit of work that places: it decides by what it is
    given, the same each time, and asks nobody outside. A placement whose prices changed meanwhile asks it again.
    """

    def __call__(self, simulation: Simulation) -> Iterable[Notice]:
        """Return what is wrong; errors stand in the way of placing, warnings and information are only told.

        Args:
            simulation: The cart as it would be sold, with what was found so far; all of it, as the operator sees it.
                What the notices say, the buyer reads.
        """
        ...


@attrs.define(eq=False, slots=False)
class CheckAnswerRefused(MktcoreError):
    """A host's check answered something that cannot be told of a cart."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "carts.check-answer-refused"
    remedy: ClassVar[str] = (
        "answer notices with a code and a message, whose operands are texts, whole numbers and flags"
    )
    check: str
    answer: object
    reason: str

    def describe(self) -> str:
        """Name the check, and what it answered."""
        # Cut, as it may be a whole simulation; `answer` has all of it.
        return f"the check {self.check} of this host answered {show_value(self.answer, repr)[:80]}: {self.reason}"


def ask_checks(simulation: Simulation, checks: Iterable[CheckCart]) -> Simulation:
    """Return the simulation with what a host's checks find, after what the marketplace found, in the checks' order.

    Args:
        simulation: What the cart would cost, with every issue of the marketplace's own.
        checks: The host's. Each sees what those before it found.

    Raises:
        CheckAnswerRefused: One answered no notices, or such that cannot be kept.
    """
    for check in checks:
        found = _list_answer(check, simulation)
        if found:
            issues = (one for one in found if one.severity is Severity.ERROR)
            told = (one for one in found if one.severity is not Severity.ERROR)
            simulation = attrs.evolve(
                simulation, issues=(*simulation.issues, *issues), notices=(*simulation.notices, *told)
            )
    return simulation


def _list_answer(check: CheckCart, simulation: Simulation) -> tuple[Notice, ...]:
    answer = check(simulation)
    if not isinstance(answer, Iterable):
        raise CheckAnswerRefused(_name(check), answer, "a check answers notices, none where nothing is wrong")
    found = tuple(answer)
    for one in found:
        reason = _find_reason(one)
        if reason:
            raise CheckAnswerRefused(_name(check), one, reason)
    return found


def _find_reason(one: object) -> str:
    """Say why something cannot be told of a cart; nothing where it can."""
    if not isinstance(one, Notice):
        return "that is no notice"
    texts = (one.code, one.where, one.message, one.remedy)
    if not all(isinstance(text, str) for text in texts) or not (one.code and one.message):
        return "a notice has a code and a message, as texts"
    if not isinstance(one.severity, Severity):
        return "a notice's severity is a Severity"
    if not isinstance(one.operands, Mapping) or not all(
        isinstance(name, str) and type(value) in PLAIN for name, value in one.operands.items()
    ):
        return "operands are texts, whole numbers and flags, by name"
    return ""


def _name(check: CheckCart) -> str:
    return str(getattr(check, "__qualname__", type(check).__qualname__))
