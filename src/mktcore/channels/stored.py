"""What channels store."""

from mktcore.channels.channel import CHANNELS, Channel
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (Stored("channels.channel", 1, Channel, kind=CHANNELS),)
"""Channels as the operator writes them."""
