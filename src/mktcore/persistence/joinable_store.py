"""Working inside of a transaction that the host began, and what has no place there."""

from typing import Protocol, TypeVar, runtime_checkable

from mktcore.persistence.errors import NotJoinable
from mktcore.persistence.unit import Store

__all__ = ["Joinable", "check_outside"]

U_co = TypeVar("U_co", covariant=True)


@runtime_checkable
class Joinable(Protocol[U_co]):
    """A store whose units can be part of a transaction that somebody else began."""

    def join(self, transaction: object) -> Store[U_co]:
        """Return a store whose units are savepoints in a transaction that the host began, and ends.

        It tells by `is_joined = True` that it is one. Its `commit` keeps what a unit wrote for the host's commit;
        leaving a unit undoes what that unit wrote, and nothing of the host's. What the database lets no transaction
        finish raises `TransactionLost`.

        Args:
            transaction: The host's connection, as the adapter knows it.

        Raises:
            NotJoinable: It is no connection, or one to another database.
        """
        ...


def check_outside(store: object, what: str) -> None:
    """Refuse what must not happen inside of a host's transaction, such as a call to somebody outside.

    Args:
        store: What the use case works on.
        what: Name of the use case.

    Raises:
        NotJoinable: The store joined one.
    """
    # Asked by name: what wraps a store passes its attributes on, and is of no class that a protocol would find.
    if getattr(store, "is_joined", False):
        raise NotJoinable(what, "it works in transactions of its own")
