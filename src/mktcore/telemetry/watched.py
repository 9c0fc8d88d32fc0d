"""Watching use cases from outside: every public verb of a class, without a line in any of them."""

import inspect
import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from mktcore.errors import MktcoreError
from mktcore.persistence import Retryable, Scope, StaleVersion
from mktcore.telemetry.observer import Observation, Observer, Told, UseCaseOutcome
from mktcore.telemetry.use_case_tally import UNDER_WAY, UseCaseTally

__all__ = ["name_use_case", "watched"]

T = TypeVar("T")
_LEVELS = {
    UseCaseOutcome.READ: logging.DEBUG,
    UseCaseOutcome.DECIDED: logging.INFO,
    UseCaseOutcome.REFUSED: logging.INFO,
    UseCaseOutcome.LOST: logging.WARNING,
    UseCaseOutcome.FAILED: logging.ERROR,
}
# A library prints nothing unless the host asks: without a handler Python would write warnings to the error stream.
logging.getLogger("mktcore").addHandler(logging.NullHandler())


def watched(cls: type[T]) -> type[T]:
    """Let every public verb of a class of use cases be told of, to the observer of its `runtime` and to the log.

    A verb that another one calls is part of that one. A generator is not told of: what it loads page by page is.
    """
    for verb, method in list(vars(cls).items()):
        if not verb.startswith("_") and inspect.isfunction(method) and not inspect.isgeneratorfunction(method):
            setattr(cls, verb, _watch(method, name_use_case(cls, verb)))
    return cls


def name_use_case(cls: type, verb: str) -> str:
    """Return the name of a use case: its room, or the package of a host's own, its class, its verb."""
    package, *rooms = cls.__module__.split(".")
    return f"{rooms[0] if rooms and package == 'mktcore' else package}.{cls.__name__}.{verb}"


def _watch(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    logger = logging.getLogger(f"mktcore.{name.partition('.')[0]}")
    unwatched = UseCaseTally(name)

    @wraps(method)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if UNDER_WAY.get() is not None:
            return method(self, *arguments, **options)
        observer: Observer | None = self.runtime.observer
        is_told = observer is not None or logger.isEnabledFor(logging.INFO)
        # Most hosts observe nothing and log warnings only: one tally serves all of their calls, and nobody reads it.
        tally = UseCaseTally(name) if is_told else unwatched
        observation = None if observer is None else _begin(observer, name)
        before, begun = UNDER_WAY.set(tally), time.perf_counter()
        error: BaseException | None = None
        try:
            return method(self, *arguments, **options)
        except BaseException as raised:
            error = raised
            raise
        finally:
            UNDER_WAY.reset(before)
            if is_told or error is not None:
                counts = tally if is_told else UseCaseTally(name)
                told = _tell(counts, error, scope=options.get("scope"), seconds=time.perf_counter() - begun)
                _write(logger, told)
                _end(observation, told)

    return call


def _tell(tally: UseCaseTally, error: BaseException | None, *, scope: object, seconds: float) -> Told:
    notices = getattr(error, "problems", getattr(error, "issues", ()))
    return Told(
        use_case=tally.use_case,
        outcome=_judge(error, has_decided=tally.has_decided),
        code="" if error is None else error.code if isinstance(error, MktcoreError) else type(error).__name__,
        issues=tuple(dict.fromkeys(notice.code for notice in notices)),
        party=str(scope.caller.party) if isinstance(scope, Scope) else "",
        seconds=seconds,
        retries=tally.retries,
        units=tally.units,
        store_calls=tally.store_calls,
    )


def _judge(error: BaseException | None, *, has_decided: bool) -> UseCaseOutcome:
    if error is None:
        return UseCaseOutcome.DECIDED if has_decided else UseCaseOutcome.READ
    if isinstance(error, (Retryable, StaleVersion)):
        return UseCaseOutcome.LOST
    return UseCaseOutcome.REFUSED if isinstance(error, MktcoreError) else UseCaseOutcome.FAILED


def _write(logger: logging.Logger, told: Told) -> None:
    """Log codes and counts: what an error says may name people."""
    level = _LEVELS[told.outcome]
    if logger.isEnabledFor(level):
        logger.log(level, "%s", told, extra={"told": told})


def _begin(observer: Observer, name: str) -> Observation | None:
    try:
        return observer.begin(name)
    except Exception as error:  # noqa: BLE001 - whatever a host's observer does, the use case goes on
        _complain(error)
        return None


def _end(observation: Observation | None, told: Told) -> None:
    if observation is None:
        return
    try:
        observation.end(told)
    except Exception as error:  # noqa: BLE001 - as above
        _complain(error)


def _complain(error: Exception) -> None:
    logging.getLogger("mktcore.telemetry").error("the observer raised %s", type(error).__name__)
