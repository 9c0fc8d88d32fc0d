"""What of a record exists for a caller: the same as when it is read from the store."""

from collections.abc import Callable
from typing import Any

from mktcore.access import Permission
from mktcore.persistence import Kind, NotFound, Party, Scope
from mktcore.views.form import show_own

__all__ = ["sees_shares", "show_owned", "show_record"]

Show = Callable[[Any, Scope], Any]


def show_record(kind: Kind[Any], show: Show = show_own) -> Show:
    """Return what shows a record of a kind to those callers for whom it exists.

    What is returned raises `NotFound` for everybody else, as `get` does.

    Args:
        kind: Who reads it.
        show: Returns what such a caller may see of it.
    """

    def show_existing(value: Any, scope: Scope) -> Any:
        # The caller, not the authority under which a use case read the record for it.
        if not kind.matches(value, kind.filter_reads(scope.caller)):
            raise NotFound(kind.name, value.id)
        return show(value, scope)

    return show_existing


def show_owned(
    name: str, find_id: Callable[[Any], str], show: Show, *, owners: Callable[[Any], dict[str, str | None]]
) -> Show:
    """Return what shows a value that no kind keeps to the operator and to the parties that it belongs to.

    Args:
        name: What `NotFound` calls it.
        find_id: Returns the id that it names.
        show: Returns what such a caller may see of it.
        owners: Returns the merchant and the buyer, as `Scope.covers` takes them.
    """

    def show_existing(value: Any, scope: Scope) -> Any:
        if not scope.caller.covers(**owners(value)):
            raise NotFound(name, find_id(value))
        return show(value, scope)

    return show_existing


def sees_shares(scope: Scope) -> bool:
    """Tell whether a caller is shown who bears a reduction, and what a merchant is left with: no matter of a buyer."""
    return scope.caller.party is not Party.BUYER and scope.allows(Permission.FINANCE)
