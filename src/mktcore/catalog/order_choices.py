"""Specs: what a buyer chooses when ordering, and the choices there are. What a choice costs is in price schedules."""

from collections.abc import Collection, Iterable, Iterator

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.notice import Notice
from mktcore.persistence import Kind

__all__ = ["SPECS", "Choice", "Spec", "check_choices"]


@attrs.frozen
class Choice:
    """One of a spec's choices.

    Attributes:
        key: The option's key, as cart lines name it (`CartLine.options`) and price schedules mark it up
            (`PriceSchedule.options`): `"engraving"`.
        name: As buyers see it.
    """

    key: str
    name: str = ""

    def __attrs_post_init__(self) -> None:
        check_id("choice", self.key)
        check_text("Choice", "name", self.name, longest=MAX_NAME)


def _to_choices(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(choices)


@attrs.frozen
class Spec:
    """Something to choose: the wrapping, the engraving, the colour of the strap.

    Attributes:
        id: Its id; products name it.
        name: As buyers see it.
        choices: What there is to choose from, at least one, in the order shown.
        owner: The merchant that owns it; None when the operator does. Set at creation only.
        required: Whether something must be chosen.
        several: Whether more than one may be chosen.
        version: How often it was stored.
    """

    id: str
    name: str
    choices: tuple[Choice, ...] = attrs.field(converter=_to_choices)
    owner: str | None = attrs.field(default=None, kw_only=True)
    required: bool = attrs.field(default=False, kw_only=True)
    several: bool = attrs.field(default=False, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("spec", self.id)
        check_text("Spec", "name", self.name, longest=MAX_NAME, required=True)
        keys = [choice.key for choice in self.choices]
        if not keys or len(set(keys)) < len(keys):
            raise InvalidValue("Spec", "choices", keys, "at least one choice, each key once")


SPECS = Kind("spec", Spec, columns={"owner": lambda spec: spec.owner}, **scope_rule(Owned.SPEC))


def check_choices(specs: Collection[Spec], chosen: Collection[str]) -> Iterator[Notice]:
    """Yield what is wrong with a buyer's choices.

    >>> strap = Spec("strap", "Strap", [Choice("black"), Choice("red")], required=True)
    >>> [problem.code for problem in check_choices([strap], ["black", "red", "gold"])]
    ['catalog.too-many-choices', 'catalog.unknown-choice']
    >>> [str(problem) for problem in check_choices([strap], [])]
    ['options: nothing is chosen for Strap (choose one of black, red)']

    Args:
        specs: The product's.
        chosen: Keys, as the cart line names them.
    """
    known: set[str] = set()
    for spec in specs:
        keys = [choice.key for choice in spec.choices]
        known.update(keys)
        found = [key for key in keys if key in chosen]
        if not found and spec.required:
            remedy = f"choose one of {', '.join(keys)}"
            yield Notice("catalog.choice-missing", "options", f"nothing is chosen for {spec.name}", remedy=remedy)
        if len(found) > 1 and not spec.several:
            message = f"{len(found)} choices for {spec.name}: {', '.join(found)}"
            yield Notice("catalog.too-many-choices", "options", message, remedy="choose one of them")
    for key in chosen:
        if key not in known:
            remedy = f"choose from {', '.join(sorted(known)) or 'nothing: there are no specs'}"
            yield Notice("catalog.unknown-choice", "options", f"there is no choice {key[:80]!r}", remedy=remedy)
