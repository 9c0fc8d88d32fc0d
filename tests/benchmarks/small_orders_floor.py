"""Floor of everyday orders, inlined by hand: a reduction of its own for each line, two tax rates, and taxed freight.

The line's amount, less its reductions, then the tax rounded half up on every line and every freight; sums per merchant
and in all. Nothing is checked, and nothing is built but lists and tuples of ints.
"""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["BareLine", "BareOrder", "BareResult", "compute_bare"]


class BareLine(NamedTuple):
    seller: int
    price: int
    quantity: int
    reductions: tuple[int, ...]
    rate: int
    """In hundredths of a percent."""


class BareOrder(NamedTuple):
    lines: Sequence[BareLine]
    freight: Sequence[tuple[int, int, int]]
    """Seller, amount and rate of each."""
    sellers: int


BareResult = tuple[list[tuple[int, int, int, int]], list[list[int]], tuple[int, int, int, int, int]]
"""Subtotal, discount, tax and grand of each line; the same, with freight after discount, of each seller and of all."""


def compute_bare(order: BareOrder) -> BareResult:
    """Compute an order whose prices are without tax."""
    lines = []
    sellers = [[0, 0, 0, 0, 0] for _ in range(order.sellers)]
    for seller, price, quantity, reductions, rate in order.lines:
        subtotal = price * quantity
        left = subtotal
        for amount in reductions:
            left -= amount
        tax = (left * rate * 2 + 10_000) // 20_000
        lines.append((subtotal, subtotal - left, tax, left + tax))
        sums = sellers[seller]
        sums[0] += subtotal
        sums[1] += subtotal - left
        sums[3] += tax
        sums[4] += left + tax
    for seller, amount, rate in order.freight:
        tax = (amount * rate * 2 + 10_000) // 20_000
        sums = sellers[seller]
        sums[2] += amount
        sums[3] += tax
        sums[4] += amount + tax
    subtotal = discount = freight = tax = grand = 0
    for one in sellers:
        subtotal += one[0]
        discount += one[1]
        freight += one[2]
        tax += one[3]
        grand += one[4]
    return lines, sellers, (subtotal, discount, freight, tax, grand)
