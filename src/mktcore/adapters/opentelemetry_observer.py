"""Use cases as spans and metrics of OpenTelemetry (the extra `otel`)."""

import attrs
from opentelemetry import context, metrics, trace
from opentelemetry.metrics import Counter, Histogram, MeterProvider
from opentelemetry.trace import Span, StatusCode, TracerProvider

from mktcore.telemetry import Observation, Told, UseCaseOutcome

__all__ = ["OpenTelemetryObserver"]

_NAME = "mktcore"
_BROKEN = frozenset({UseCaseOutcome.LOST, UseCaseOutcome.FAILED})


class OpenTelemetryObserver:
    """One span for every use case, under the host's own if there is one; those of a driver lie under it.

    Attributes of a span: `mktcore.outcome`, `mktcore.code`, `mktcore.issues`, `mktcore.party`, `mktcore.retries`,
    `mktcore.units`, `mktcore.store_calls`. A refusal is an answer, so its span has no error; one that was lost or broke
    has. Metrics: the counter `mktcore.use_cases` and the histogram `mktcore.use_case.duration` by use case and outcome,
    and the counter `mktcore.retries` by use case.
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        """Tell these providers, or those that the process has set."""
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._meters = _Meters(
            meter.create_counter("mktcore.use_cases", description="Use cases that ended"),
            meter.create_counter("mktcore.retries", description="Units that lost and were run again"),
            meter.create_histogram("mktcore.use_case.duration", unit="s", description="From call to answer"),
        )

    def begin(self, use_case: str) -> Observation:
        """Start a span, and make it the current one."""
        span = self._tracer.start_span(use_case)
        return _SpanOfUseCase(span, self._meters, context.attach(trace.set_span_in_context(span)))


@attrs.frozen(eq=False)
class _Meters:
    ended: Counter
    retries: Counter
    duration: Histogram


@attrs.frozen(eq=False)
class _SpanOfUseCase:
    """A span under way."""

    span: Span
    meters: _Meters
    token: object

    def end(self, told: Told) -> None:
        """End the span, and count."""
        context.detach(self.token)  # type: ignore[arg-type]  # the type of a token is the context's own business
        self.span.set_attributes(_list_attributes(told))
        if told.outcome in _BROKEN:
            self.span.set_status(StatusCode.ERROR, told.code)
        self.span.end()
        labels = {"mktcore.use_case": told.use_case, "mktcore.outcome": str(told.outcome)}
        self.meters.ended.add(1, labels)
        self.meters.duration.record(told.seconds, labels)
        if told.retries:
            self.meters.retries.add(told.retries, {"mktcore.use_case": told.use_case})


def _list_attributes(told: Told) -> dict[str, str | int | tuple[str, ...]]:
    return {
        "mktcore.outcome": str(told.outcome),
        "mktcore.code": told.code,
        "mktcore.issues": told.issues,
        "mktcore.party": told.party,
        "mktcore.retries": told.retries,
        "mktcore.units": told.units,
        "mktcore.store_calls": told.store_calls,
    }
