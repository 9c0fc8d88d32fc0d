"""The habits of the house hold everywhere."""

from pathlib import Path

import pytest

from docs.house import find_offences


@pytest.mark.slow
def test_every_place_keeps_the_habits() -> None:
    assert [str(one) for one in find_offences()] == []


LONG = "def long() -> None:\n" + "    work()\n" * 41
GOOD = '"""A module."""\n\n__all__: list[str] = []\n'


@pytest.mark.parametrize(
    ("name", "text", "habits"),
    [
        ("carts/cart.py", GOOD, []),
        ("carts/settling.py", GOOD, ["name"]),
        ("carts/rounding.py", GOOD, []),
        ("carts/settling/__init__.py", GOOD, ["name"]),
        ("carts/cart.py", '"""A module."""\n', ["all"]),
        ("carts/__init__.py", f"__all__ = {[f'name{i}' for i in range(21)]}\n", ["face"]),
        ("carts/cart.py", f"__all__ = {[f'name{i}' for i in range(21)]}\n", []),
        ("carts/cart.py", GOOD + "\n" * 400, ["module"]),
        ("carts/cart.py", GOOD + LONG, ["function"]),
        ("carts/cart.py", GOOD + LONG.replace("    work()\n", '    """Long."""\n\n    # why\n', 1), []),
        ("carts/cart.py", GOOD + "def find() -> None:\n    from mktcore.money import Money\n", ["import"]),
        ("carts/cart.py", GOOD + "def find() -> None:\n    from sqlalchemy import text\n", []),
        ("carts/cart.py", GOOD + "call(1, 2, 3)\n", []),
        ("carts/cart.py", GOOD + "call(1, 2, 3, 4)\n", ["positional"]),
        ("carts/cart.py", GOOD + "call(1, 2, 3, four=4)\n", []),
        ("carts/cart.py", GOOD + "# positional: a point has four numbers\ncall(1, 2, 3, 4)\n", []),
        ("carts/cart.py", GOOD + "def find(self, a, b, c):\n    pass\n", []),
        ("carts/cart.py", GOOD + "def find(a, b, c, d):\n    pass\n", ["positional"]),
        ("carts/cart.py", GOOD + "def find(a, b, c, *, d):\n    pass\n", []),
        ("carts/cart.py", GOOD + "# positional: a point has four numbers\ndef find(a, b, c, d):\n    pass\n", []),
        ("carts/cart.py", GOOD + "max(1, 2, 3, 4)\n", []),
        ("carts/cart.py", GOOD + "Notice(1, 2, 3, 4)\n", []),
        ("carts/cart.py", GOOD + "Notice(1, 2, 3, 4, 5)\n", ["positional"]),
    ],
)
def test_a_breach_is_found(tmp_path: Path, name: str, text: str, habits: list[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert [one.habit for one in find_offences(tmp_path)] == habits


def test_a_name_with_two_meanings_is_found(tmp_path: Path) -> None:
    for room, text in (
        ("carts", "class Cart:\n    pass\n"),
        ("orders", "class Cart:\n    pass\n\n\ndef to_markdown():\n    pass\n"),
    ):
        (tmp_path / room).mkdir()
        (tmp_path / room / "cart.py").write_text(GOOD + text, encoding="utf-8")
    assert [str(one) for one in find_offences(tmp_path)] == ["orders/cart.py:4: meaning: Cart is carts/cart.py's too"]
