"""Being watched: one observation of every use case, told to a host's observer and to Python's `logging`."""

from mktcore.telemetry.observer import Observation, Observer, Outcome, Told
from mktcore.telemetry.use_case_tally import UNDER_WAY, UseCaseTally
from mktcore.telemetry.watched import watched
from mktcore.telemetry.watched_store import WatchedStore

__all__ = ["UNDER_WAY", "Observation", "Observer", "Outcome", "Told", "UseCaseTally", "WatchedStore", "watched"]
