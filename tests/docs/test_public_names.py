"""Every public name that came or went since the last release is told in the changelog, or on the page it links.

Faces only: what a module beside them exports is imported from that module, and the table of modules tells where it is.
"""

import re
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from docs.public_names import list_names

ROOT = Path(__file__).parents[2]
BEFORE = set(Path(__file__).with_name("public_names_0.1.0.txt").read_text(encoding="utf-8").split())


def read_told() -> set[str]:
    """Return what stands in backticks in the section Unreleased, and on the page of names that it links."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = changelog.split("## Unreleased", 1)[1].split("\n## ", 1)[0]
    assert "docs/names-0.2.md" in unreleased
    text = unreleased + (ROOT / "docs" / "names-0.2.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([^`\n]+)`", text))


def test_every_name_that_went_is_told() -> None:
    assert sorted(BEFORE - list_names() - read_told()) == []


def test_every_name_that_came_is_told() -> None:
    assert sorted(list_names() - BEFORE - read_told()) == []


def test_every_name_that_the_page_sends_to_is_there() -> None:
    text = (ROOT / "docs" / "names-0.2.md").read_text(encoding="utf-8")
    rows = [row.split(" | ", 1)[1] for row in text.splitlines() if row.startswith("| `")]
    new = {name for row in rows for name in re.findall(r"`(mktcore(?:\.\w+)+)`", row)}
    assert len(new) > 500
    assert sorted(name for name in new if not _is_there(name)) == []


def _is_there(name: str) -> bool:
    module = name
    while find_spec_of(module) is None:
        module = module.rpartition(".")[0]
    try:
        reduce(
            getattr, name.removeprefix(module).strip(".").split(".") if module != name else [], import_module(module)
        )
    except AttributeError:
        return False
    return True


def find_spec_of(module: str) -> object:
    try:
        return find_spec(module)
    except ModuleNotFoundError:
        return None


def test_names_are_read_from_a_face(tmp_path: Path) -> None:
    (tmp_path / "carts").mkdir()
    (tmp_path / "__init__.py").write_text('__all__ = ["Money", "__version__"]\n', encoding="utf-8")
    (tmp_path / "carts" / "__init__.py").write_text('__all__ = ["Cart"]\n', encoding="utf-8")
    (tmp_path / "carts" / "cart.py").write_text('__all__ = ["Hidden"]\n', encoding="utf-8")
    assert list_names(tmp_path) == {"mktcore.Money", "mktcore.carts.Cart"}
