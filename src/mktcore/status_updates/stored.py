"""What is remembered of status updates."""

from mktcore.persistence.stored import Stored
from mktcore.status_updates.status_update import StatusAnswer

__all__ = ["STORED"]

STORED = (Stored("orders.status-answer", 1, StatusAnswer),)
