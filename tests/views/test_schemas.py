"""Schemas of views: whole, valid, and fit for OpenAPI."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mktcore.carts import Simulation
from mktcore.orders import MerchantOrder, Order
from mktcore.persistence import Page
from mktcore.views import schema_of, schemas


def find_references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from ([schema["$ref"]] if isinstance(schema.get("$ref"), str) else [])
        for one in schema.values():
            yield from find_references(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from find_references(one)


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Order, MerchantOrder, Simulation, Page, Page[MerchantOrder]])
def test_a_schema_stands_alone(cls: Any) -> None:
    schema = schema_of(cls)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {name.removeprefix("#/$defs/") for name in find_references(schema)} <= schema["$defs"].keys()


def test_components_refer_to_each_other() -> None:
    found = schemas(prefix="Shop")
    assert {"ShopOrder", "ShopPageOfMerchantOrder", "ShopSimulation", "ShopMoney", "ShopNotice"} <= found.keys()
    known = {f"#/components/schemas/{name}" for name in found}
    for schema in found.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert set(find_references(schema)) <= known


def test_every_object_is_closed_and_says_what_it_is() -> None:
    for name, schema in schemas().items():
        assert schema["description"], name
        assert schema["additionalProperties"] is False, name
        assert set(schema["required"]) <= schema["properties"].keys(), name


def test_every_figure_says_what_it_means() -> None:
    silent = [
        f"{name}.{figure}"
        for name, schema in schemas().items()
        if name != "Money"
        for figure, one in schema["properties"].items()
        if not one.get("description") and figure != "kind"
    ]
    assert silent == []


def test_money_is_exact_text() -> None:
    money = schemas()["Money"]
    for amount in ("12.34", "-0.05", "7"):
        jsonschema.validate({"amount": amount, "currency": "EUR"}, money)
    for wrong in (12.34, "1e3", "12,34", ""):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"amount": wrong, "currency": "EUR"}, money)
