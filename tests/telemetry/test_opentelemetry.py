"""Spans and metrics, as OpenTelemetry's own exporters in memory take them."""

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from markets import EXAMPLE
from mktcore.adapters.opentelemetry_observer import OpenTelemetryObserver
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.persistence import Retryable
from mktcore.persistence.errors import Busy
from mktcore.persistence.retry_policy import RetryPolicy


class Watched:
    """A market under OpenTelemetry, and what was exported of it."""

    def __init__(self) -> None:
        self.spans, self.metrics = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers, meters = TracerProvider(), MeterProvider(metric_readers=[self.metrics])
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        observer = OpenTelemetryObserver(self.tracers, meters)
        self.store = Failing(Marketplace.in_memory("EUR").store)
        self.market = Marketplace(self.store, "EUR", observer=observer, retry=RetryPolicy(attempts=3))
        self.market.load(EXAMPLE)
        self.spans.clear()

    def place(self, key: str, quantity: int = 1) -> None:
        cart = Cart.of(key, buyer="b1", lines=[CartLine("l1", sku="camera", quantity=quantity)])
        self.market.place(cart, key=key, scope=self.market.as_buyer("b1"))

    def read_points(self, name: str) -> dict[tuple[str, ...], Any]:
        data: Any = self.metrics.get_metrics_data()
        found = [one for group in data.resource_metrics for scope in group.scope_metrics for one in scope.metrics]
        points = [point for one in found if one.name == name for point in one.data.data_points]
        return {tuple(str(value) for _, value in sorted(point.attributes.items())): point for point in points}


class Failing:
    """A store that loses, or breaks, as often as it is told."""

    def __init__(self, store: Any) -> None:
        self.store, self.losses = store, list[Exception]()

    def begin(self, scope: Any) -> Any:
        if self.losses:
            raise self.losses.pop()
        return self.store.begin(scope)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_use_case_is_one_span_with_store_calls_and_retries(watched: Watched) -> None:
    watched.store.losses = [Retryable("a deadlock")]
    with watched.tracers.get_tracer("host").start_as_current_span("POST /orders"):
        watched.place("c1")
    span, around = watched.spans.get_finished_spans()
    assert (span.name, around.name) == ("checkout.PlaceOrder.place", "POST /orders")
    assert span.parent is not None
    assert span.parent.span_id == around.context.span_id
    attributes: Any = span.attributes
    assert attributes["mktcore.outcome"] == "decided"
    assert attributes["mktcore.party"] == "buyer"
    assert attributes["mktcore.retries"] == 1
    assert attributes["mktcore.units"] == 2
    assert attributes["mktcore.store_calls"] > 20
    assert span.status.status_code is StatusCode.UNSET


def test_a_refusal_is_no_error_of_the_span_and_a_loss_is(watched: Watched) -> None:
    with pytest.raises(PlacementRefused):
        watched.place("c1", quantity=5000)
    watched.store.losses = [Retryable("a deadlock")] * 3
    with pytest.raises(Busy):
        watched.place("c2")
    watched.store.losses = [ZeroDivisionError("a secret")]
    with pytest.raises(ZeroDivisionError):
        watched.place("c3")
    told = [
        (one.status.status_code, one.status.description, dict(one.attributes or {})["mktcore.code"], one.events)
        for one in watched.spans.get_finished_spans()
    ]
    assert told == [
        (StatusCode.UNSET, None, "checkout.refused", ()),
        (StatusCode.ERROR, "store.busy", "store.busy", ()),
        (StatusCode.ERROR, "ZeroDivisionError", "ZeroDivisionError", ()),
    ]
    assert "secret" not in str([one.to_json() for one in watched.spans.get_finished_spans()])


def test_use_cases_and_retries_are_counted(watched: Watched) -> None:
    watched.place("c1")
    watched.store.losses = [Retryable("a deadlock")] * 2
    watched.place("c2")
    ended = watched.read_points("mktcore.use_cases")
    assert ended["decided", "checkout.PlaceOrder.place"].value == 2
    assert watched.read_points("mktcore.retries")["checkout.PlaceOrder.place",].value == 2
    assert watched.read_points("mktcore.use_case.duration")["decided", "checkout.PlaceOrder.place"].count == 2


@pytest.mark.slow
def test_the_core_does_not_load_opentelemetry() -> None:
    script = "import sys, mktcore.marketplace, mktcore.telemetry; print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
