"""Being watched: one observation of every use case, told to a host's observer and to Python's `logging`."""

from mktcore.telemetry.observer import Observation, Observer, Told, UseCaseOutcome
from mktcore.telemetry.use_case_tally import UNDER_WAY, UseCaseTally
from mktcore.telemetry.watched import watched
from mktcore.telemetry.watched_store import WatchedStore

__all__ = ["UNDER_WAY", "Observation", "Observer", "Told", "UseCaseOutcome", "UseCaseTally", "WatchedStore", "watched"]
