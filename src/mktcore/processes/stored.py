"""What processes store."""

from mktcore.persistence.stored import Stored
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOut

__all__ = ["STORED"]

STORED = (Stored("processes.timeout", 1, StoredTimeOut, kind=TIMEOUTS),)
