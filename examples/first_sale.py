"""A sale from a folder of files to settled merchant orders: load, simulate, mend, place, ship, and look.

    python examples/first_sale.py [DATABASE]

It starts from a fresh SQLite database (`first-sale.db` in the working directory unless named) and leaves it behind, so
that you can open it and go on: `Marketplace.open("sqlite:///first-sale.db", currency="EUR")`.
"""

import sys
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mktcore.carts import Cart, CartLine, Simulation
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.orders import Order

MARKET = Path(__file__).parent / "market"
WIDTH = 80
console = Console(width=min(WIDTH, Console().width), highlight=False)


def main(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    with Marketplace.open(f"sqlite:///{database}", currency="EUR") as market:
        say("1  Load", f"{MARKET.name}/ into {database.name}")
        console.print(f"   {market.load(MARKET)}".replace("; ", "\n   "))

        say("2  Simulate", "four items; the grinder's offer was picked by hand")
        buyer = market.as_buyer("buyer-1")
        lines = [
            CartLine("l1", sku="camera", quantity=1),  # the buy box chooses the offer
            CartLine("l2", sku="tripod", quantity=2, offer="bolt-tripod"),  # or the buyer does
            CartLine("l3", sku="coffee-house", quantity=5),
            CartLine("l4", sku="grinder", quantity=1, offer="kettle-grinder"),
        ]
        cart = Cart.of("cart-1", buyer="buyer-1", lines=lines)
        for issue in market.simulate(cart, scope=buyer).issues:
            console.print(Padding(Text(f"issue {issue.code}: {issue}", style="yellow"), (0, 0, 0, 3)))

        say("3  Mend and simulate again", "let the buy box choose the grinder's offer")
        cart = Cart.of("cart-1", buyer="buyer-1", lines=[*lines[:3], CartLine("l4", sku="grinder")])
        simulation = market.simulate(cart, scope=buyer)
        console.print(show_lines(simulation))

        say("4  Place", "one order, split by merchant; commission frozen on it")
        placed = market.place(cart, key="checkout-1", scope=buyer)
        again = market.place(cart, key="checkout-1", scope=buyer)
        console.print(f"   {placed.id}; the same key again returns the same order: {again.id == placed.id}")
        order = market.orders.get(placed.id, scope=market.as_operator())

        say("5  Ship", "bolt ships one of its two tripods")
        bolt = next(part for part in order.merchant_orders if part.merchant == "bolt")
        market.fire(bolt.id, "ship", key="bolt-ship-1", scope=market.as_merchant("bolt"), lines={"l2": 1})
        order = market.orders.get(placed.id, scope=market.as_operator())
        console.print(show_order(order))
        console.print(prove(order))
        findings = market.verify()
        console.print(Text(f"   verify: {len(findings)} findings", style="bold red" if findings else "green"))

        say("6  Why", "does a tripod cost this much?")
        tripod = next(line for line in simulation.lines if line.line.key == "l2")
        for row in tripod.price.explain().to_text().splitlines():
            console.print(f"   {row}")


def say(step: str, what: str) -> None:
    console.print()
    console.print(Text.assemble((step, "bold cyan"), (f"  {what}", "dim")))


def show_lines(simulation: Simulation) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for title, side in (("line", "left"), ("what", "left"), ("offer", "left"), ("each", "right"), ("total", "right")):
        table.add_column(title, justify="right" if side == "right" else "left", no_wrap=True)
    for priced in simulation.lines:
        total = simulation.totals.lines[priced.line.key].grand_total
        what = f"{priced.line.quantity} x {priced.sku.name}"
        table.add_row(priced.line.key, what, priced.offer.id, str(priced.price.unit_price.amount), str(total.amount))
    for expense in simulation.expenses:
        if not expense.amount.is_zero():
            table.add_row("", expense.key, "", "", str(simulation.totals.expenses[expense.key].grand_total.amount))
    table.add_row("", "", "", "", Text(str(simulation.totals.order.grand_total.amount), style="bold"))
    return table


def show_order(order: Order) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    table.add_column("merchant")
    for title in ("goods", "shipping", "tax", "total", "commission"):
        table.add_column(title, justify="right")
    table.add_column("state")
    for part in order.merchant_orders:
        totals = part.totals
        figures = (totals.subtotal, totals.expense_total, totals.tax_total, totals.grand_total, part.commission)
        states: dict[str, int] = {}
        for line in part.states.values():
            for state, quantity in line.items():
                states[state] = states.get(state, 0) + quantity
        shown = ", ".join(f"{quantity} {state}" for state, quantity in states.items())
        table.add_row(part.merchant, *(str(figure.amount) for figure in figures if figure is not None), shown)
    whole = order.totals
    commission = Money.sum(part.commission for part in order.merchant_orders if part.commission is not None)
    figures = (whole.subtotal, whole.expense_total, whole.tax_total, whole.grand_total, commission)
    table.add_row("order", *(str(figure.amount) for figure in figures), "", style="bold")
    return table


def prove(order: Order) -> Text:
    """The line that proves the sums: the merchants' totals add up to the order's, to the cent."""
    parts = [part.totals.grand_total for part in order.merchant_orders]
    shown = " + ".join(str(part.amount) for part in parts)
    holds = Money.sum(parts) == order.totals.grand_total
    mark = "=" if holds else "IS NOT"
    return Text(f"   {shown} {mark} {order.totals.grand_total}", style="green" if holds else "bold red")


if __name__ == "__main__":
    named = sys.argv[1] if len(sys.argv) > 1 else "first-sale.db"
    if Path(named).suffix != ".db":
        sys.exit(f"{named!r} would be replaced: name a file that ends in .db")
    main(Path(named))
