"""Books as one would keep them on paper: one dictionary, whole numbers, and every rule written out once more.

It knows nothing of the library but what money is.
"""

from collections import Counter
from fractions import Fraction

from mktcore.money import Money

__all__ = ["NaiveBooks", "NaiveSale", "share"]


def share(amount: int, part: int, whole: int) -> int:
    """Return the share of an amount, a half rounded up."""
    if not whole:
        return 0
    return int(Fraction(2 * amount * part + whole, 2 * whole).__floor__())


class NaiveSale:
    """One line of one merchant, from its placement on."""

    def __init__(  # noqa: PLR0917 - a line of a table
        self, key: str, merchant: str, pieces: int, paid: int, borne: int, tax: int, fee: int, fee_tax: int
    ) -> None:
        self.key, self.merchant = key, merchant
        self.base, self.base_pieces = paid, pieces
        self.amounts = {"borne": borne, "fee": fee, "fee_tax": fee_tax}
        self.open = [pieces, paid, tax]
        self.canceled = [0, 0, 0]
        self.refunded = [0, 0, 0]
        self.kept = [0, 0, 0]

    def take(self, pieces: int) -> list[int]:
        """Take open pieces with their share of what is left."""
        taken = [pieces, *(share(figure, pieces, self.open[0]) for figure in self.open[1:])]
        self.open = [figure - gone for figure, gone in zip(self.open, taken, strict=True)]
        return taken

    def find_booked(self, name: str) -> int:
        """Return what of a fee, or of a promotion's share, must be in the books now."""
        amount, place = self.amounts[name], 1 if self.base else 0
        base = self.base or self.base_pieces

        def back(done: int) -> int:
            return share(amount, done, base)

        open_, canceled, refunded = self.open[place], self.canceled[place], self.refunded[place]
        return max(0, amount - back(open_ + canceled) - back(canceled + refunded) + back(canceled))


class NaiveBooks:
    """Every account by owner and name; debits are positive."""

    def __init__(self) -> None:
        self.accounts: Counter[tuple[str, str]] = Counter()

    def move(self, debit: tuple[str, str], credit: tuple[str, str], amount: int) -> None:
        self.accounts[debit] += amount
        self.accounts[credit] -= amount

    def find(self, owner: str, name: str) -> int:
        return self.accounts[owner, name]

    def take(self, merchant: str, amount: int, to: tuple[str, str]) -> None:
        """Debit what the merchant has, in order; the rest it owes."""
        if amount < 0:
            self.give(merchant, -amount, "pending", to)
            return
        owner = f"merchant:{merchant}"
        for name in ("pending", "available", "reserve"):
            part = min(amount, -self.accounts[owner, name])
            self.move((owner, name), to, part)
            amount -= part
        self.move((owner, "merchant_debt"), to, amount)

    def give(self, merchant: str, amount: int, into: str, source: tuple[str, str]) -> None:
        """Credit what the merchant owes first."""
        owner = f"merchant:{merchant}"
        settled = min(amount, self.accounts[owner, "merchant_debt"])
        self.move(source, (owner, "merchant_debt"), settled)
        self.move(source, (owner, into), amount - settled)

    def pay(self, buyer: str, amount: int) -> None:
        self.move(("operator", "clearing"), (buyer, "order_funds"), amount)

    def earn(self, sale: NaiveSale, pieces: int, buyer: str) -> None:
        before = {name: sale.find_booked(name) for name in sale.amounts}
        taken = sale.take(pieces)
        sale.kept = [figure + more for figure, more in zip(sale.kept, taken, strict=True)]
        more = {name: sale.find_booked(name) - before[name] for name in before}
        transit = ("nobody", "transit")
        self.move((buyer, "order_funds"), transit, taken[1])
        self.move(("operator", "promotion_cost"), transit, more["borne"])
        self.move(transit, ("operator", "sales_tax"), taken[2])
        self.give(sale.merchant, taken[1] + more["borne"] - taken[2], "pending", transit)
        self.take(sale.merchant, more["fee"] + more["fee_tax"], transit)
        self.move(transit, ("operator", "commission_income"), more["fee"])
        self.move(transit, ("operator", "own_vat"), more["fee_tax"])

    def cancel(self, sale: NaiveSale, pieces: int, buyer: str) -> None:
        before = {name: sale.find_booked(name) for name in sale.amounts}
        taken = sale.take(pieces)
        sale.canceled = [figure + more for figure, more in zip(sale.canceled, taken, strict=True)]
        self.move((buyer, "order_funds"), ("operator", "clearing"), taken[1])
        self._correct(sale, before)

    def _correct(self, sale: NaiveSale, before: dict[str, int]) -> None:
        """A cancellation after refunds may change a rounding: what was booked too much or too little follows."""
        more = {name: sale.find_booked(name) - before[name] for name in before}
        transit, operator = ("nobody", "transit"), "operator"
        up = {name: max(step, 0) for name, step in more.items()}
        down = {name: max(-step, 0) for name, step in more.items()}
        self.move((operator, "promotion_cost"), transit, up["borne"])
        self.give(sale.merchant, up["borne"], "pending", transit)
        self.take(sale.merchant, up["fee"] + up["fee_tax"], transit)
        self.move(transit, (operator, "commission_income"), up["fee"])
        self.move(transit, (operator, "own_vat"), up["fee_tax"])
        self.move((operator, "commission_income"), transit, down["fee"])
        self.move((operator, "own_vat"), transit, down["fee_tax"])
        self.move(transit, (operator, "promotion_cost"), down["borne"])
        self.take(sale.merchant, down["borne"] - down["fee"] - down["fee_tax"], transit)

    def refund(self, sale: NaiveSale, amount: int, to: tuple[str, str]) -> None:
        """Give an amount back, to the buyer or to the bank that disputed it."""
        before = {name: sale.find_booked(name) for name in sale.amounts}
        tax = share(sale.kept[2], amount, sale.kept[1])
        sale.kept = [sale.kept[0], sale.kept[1] - amount, sale.kept[2] - tax]
        sale.refunded = [sale.refunded[0], sale.refunded[1] + amount, sale.refunded[2] + tax]
        less = {name: before[name] - sale.find_booked(name) for name in before}
        transit, operator = ("nobody", "transit"), "operator"
        self.move((operator, "commission_income"), transit, less["fee"])
        self.move((operator, "own_vat"), transit, less["fee_tax"])
        self.move((operator, "sales_tax"), transit, tax)
        self.move(transit, (operator, "promotion_cost"), less["borne"])
        self.move(transit, to, amount)
        self.take(sale.merchant, amount + less["borne"] - tax - less["fee"] - less["fee_tax"], transit)

    def show(self) -> dict[str, Money]:
        """Return what is not zero, debits positive, to be looked at."""
        return {
            f"{owner}/{name}": Money.from_minor(minor, "EUR") for (owner, name), minor in self.accounts.items() if minor
        }
