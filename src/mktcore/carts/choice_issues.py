"""What is wrong with the options that a cart line chooses, whoever serves it. Pure."""

from collections.abc import Collection, Iterator

from mktcore.carts.cart import CartLine
from mktcore.catalog.order_choices import Spec, check_choices
from mktcore.notice import Notice

__all__ = ["find_choice_issues"]

_BY_OFFER = "catalog.unknown-choice"


def find_choice_issues(line: CartLine, specs: Collection[Spec]) -> Iterator[Notice]:
    """Yield an issue for each choice that is missing, of which there are too many, or that is made twice.

    What no spec knows may be known to the price: whoever looks at the offer tells of it.

    Args:
        line: The cart line.
        specs: Those of its product.
    """
    for found in check_choices(specs, line.options):
        if found.code != _BY_OFFER:
            yield Notice(
                found.code.removeprefix("catalog."), "", found.message, remedy=found.remedy, operands=found.operands
            ).at_line(line.key)
    for key in dict.fromkeys(line.options):
        if line.options.count(key) > 1:
            message = f"option {key[:80]!r} is chosen {line.options.count(key)} times"
            operands = {"option": key}
            yield Notice("option-twice", "", message, remedy="choose it once", operands=operands).at_line(line.key)
