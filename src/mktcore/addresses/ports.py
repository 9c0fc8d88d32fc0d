"""What a host may bring: its own check of addresses."""

from typing import Protocol

from mktcore.addresses.address import Address
from mktcore.errors import Notice

__all__ = ["CheckAddress"]


class CheckAddress(Protocol):
    """Checks addresses by what a host knows: a directory of streets, a carrier's rules, a list of postal codes."""

    def find_problems(self, address: Address) -> tuple[Notice, ...]:
        """Return what is wrong with an address, each with its field in `where` and a remedy; nothing where it is good.

        Pure or quick: it is asked while a cart is simulated, outside of any unit of work.
        """
        ...
