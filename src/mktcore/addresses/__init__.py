"""Where goods go: addresses, and areas of them."""

from mktcore.addresses.address import Address
from mktcore.addresses.area import Area, find_narrowness

__all__ = ["Address", "Area", "find_narrowness"]
