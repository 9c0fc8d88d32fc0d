"""Working inside of a transaction that the host began, and what has no place there."""

from typing import Literal, Protocol, TypeVar, runtime_checkable

from mktcore.persistence.errors import NotJoinable
from mktcore.persistence.unit import Store

__all__ = ["Joinable", "Joined", "check_outside"]

U_co = TypeVar("U_co", covariant=True)


@runtime_checkable
class Joinable(Protocol[U_co]):
    """A store whose units can be part of a transaction that somebody else began."""

    def join(self, transaction: object) -> Store[U_co]:
        """Return a store whose units are savepoints in a transaction that the host began, and ends.

        Its `commit` keeps what a unit wrote for the host's commit; leaving a unit undoes what that unit wrote, and
        nothing of the host's. What the database lets no transaction finish raises `TransactionLost`.

        Args:
            transaction: The host's connection, as the adapter knows it.

        Raises:
            NotJoinable: It is no connection, or one to another database.
        """
        ...


@runtime_checkable
class Joined(Protocol):
    """A store that joined a host's transaction."""

    @property
    def is_joined(self) -> Literal[True]:
        """Tells it from a store that commits by itself."""
        ...


def check_outside(store: object, what: str) -> None:
    """Refuse what must not happen inside of a host's transaction, such as a call to somebody outside.

    Args:
        store: What the use case works on.
        what: Name of the use case.

    Raises:
        NotJoinable: The store joined one.
    """
    if isinstance(store, Joined):
        raise NotJoinable(what, "it works in transactions of its own")
