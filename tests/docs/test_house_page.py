"""The page on the house names modules that exist, every room of the list of floors, and functions where they are."""

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
MODULES = sorted(set(re.findall(r"`(mktcore(?:\.\w+)+)`", PAGE)))
PLACED = re.findall(r"`([A-Z_a-z]+)(?:\.([a-z_]+))?`\s+\(`(mktcore(?:\.\w+)+)`\)", PAGE)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_that_is_named_is_there(module: str) -> None:
    assert find_spec(module) is not None


@pytest.mark.parametrize(("name", "method", "module"), PLACED)
def test_a_function_is_where_the_page_says(name: str, method: str, module: str) -> None:
    found = getattr(import_module(module), name, None)
    assert found is not None
    assert not method or hasattr(found, method)


def test_every_room_has_its_row() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    rooms = {room for layer in layers for room in re.findall(r"\w+", layer)}
    built = {f"mktcore.{room}" for room in rooms if find_spec(f"mktcore.{room}")}
    assert sorted(built - set(MODULES)) == []
