"""Status updates: what others report of many orders at once, one command behind a call, a file and a form."""

from mktcore.status_updates.status_update import (
    StatusAnswer,
    StatusOutcome,
    StatusResult,
    StatusUpdate,
)
from mktcore.status_updates.use_cases import UpdateStatuses

__all__ = ["StatusAnswer", "StatusOutcome", "StatusResult", "StatusUpdate", "UpdateStatuses"]
