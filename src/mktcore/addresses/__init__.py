"""Where goods go: addresses, and areas of them."""

from mktcore.addresses.address import Address
from mktcore.addresses.area import Area, find_narrowness
from mktcore.addresses.ports import CheckAddress

__all__ = ["Address", "Area", "CheckAddress", "find_narrowness"]
