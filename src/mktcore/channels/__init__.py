"""Sales channels as records: where a storefront sells, how it states prices, and who and what takes part in it."""

from mktcore.channels.channel import CHANNELS, Channel
from mktcore.channels.channel_book import ChannelBook, gather_channels
from mktcore.channels.use_cases import Channels

__all__ = ["CHANNELS", "Channel", "ChannelBook", "Channels", "gather_channels"]
