"""A time-out: an event that is due for a portion at an instant."""

from datetime import datetime

import attrs

__all__ = ["TimeOut", "TimeOutKey"]


@attrs.frozen
class TimeOutKey:
    """Which time-out of which stay: unique, and the same however often it is computed.

    Attributes:
        process: Name of the process, which tells a worker where to look for the subject.
        subject: Id of the subject.
        line: Key of the line.
        state: Name of the state the portion is in.
        since: When it entered the state, UTC.
        event: Name of the event that is to fire.
    """

    process: str
    subject: str
    line: str
    state: str
    since: datetime
    event: str


@attrs.frozen
class TimeOut:
    """A time-out and the instant (UTC) from which it is due."""

    key: TimeOutKey
    due: datetime
