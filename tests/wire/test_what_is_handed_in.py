"""What was handed in may change, and the record does not: units share values, and stores keep what they read last."""

from collections.abc import Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import attrs
import pytest

from mktcore.marketplace import Marketplace
from mktcore.ports import STORED
from mktcore.promotions import PercentOff, Promotion
from mktcore.promotions.line_filter import LineFilter

CHANGEABLE = (Mapping, MutableMapping, dict, Sequence, MutableSequence, list, MutableSet, set)


def list_types(annotation: Any) -> list[type]:
    parts = [one for part in get_args(annotation) for one in list_types(part)]
    return [annotation, *parts] if isinstance(annotation, type) and attrs.has(annotation) else parts


@cache
def collect_classes() -> dict[type, dict[str, Any]]:
    """Return every class of what is stored, with the types of its fields."""
    found: dict[type, dict[str, Any]] = {}
    ahead = [stored.type for stored in STORED]
    while ahead:
        cls = ahead.pop()
        if cls not in found and attrs.has(cls):
            found[cls] = get_type_hints(cls)
            ahead += [one for hint in found[cls].values() for one in list_types(hint)]
    return found


def test_every_stored_class_is_looked_at() -> None:
    assert {LineFilter, Promotion} <= set(collect_classes())
    assert len(collect_classes()) > 100


def test_whatever_can_be_changed_is_copied_when_a_record_is_built() -> None:
    shared = [
        f"{cls.__name__}.{field.name}"
        for cls, hints in collect_classes().items()
        for field in attrs.fields(cls)
        if field.init and get_origin(hints[field.name]) in CHANGEABLE and field.converter is None
    ]
    assert shared == []


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_filter_that_its_host_goes_on_changing_means_what_was_saved(store: str, tmp_path: Path) -> None:
    url = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path / 'market.db'}"}[store]
    market, meant = Marketplace.open(url, currency="EUR"), {"colour": ("red",)}
    saved = Promotion("p1", PercentOff(Decimal("0.1")), targets=LineFilter(attributes=meant))
    market.promotions.save(saved, scope=market.as_operator())
    meant["colour"] = ("blue",)
    meant["size"] = ("xl",)
    kept = market.promotions.get("p1", scope=market.as_operator())
    assert kept.targets.attributes == {"colour": ("red",)}
