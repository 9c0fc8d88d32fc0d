"""What of a value exists for a caller: the same as when it is asked for."""

from collections.abc import Callable
from typing import Any

from mktcore.access import Permission
from mktcore.access.unit_checks import check_part, check_reader
from mktcore.persistence import Kind, NotFound, Scope
from mktcore.views.form import show_all

__all__ = ["Owners", "show_owned", "show_record"]

Show = Callable[[Any, Scope], Any]
Owners = dict[str, str | None]


def show_record(kind: Kind[Any]) -> Show:
    """Return what shows a record of a kind to a caller exactly as a store does that keeps it.

    What is returned raises `PermissionDenied` for a user who may not read the kind, and `NotFound` for everybody else
    for whom the record does not exist.
    """

    def show(value: Any, scope: Scope) -> Any:
        # The caller, not the authority under which a use case read the record for it.
        caller = scope.caller
        check_reader(caller, kind)
        if not kind.matches(value, kind.filter_reads(caller)):
            raise NotFound(kind.name, value.id)
        found = kind.find_view(caller)
        return value if found is None else found(value)

    return show


def show_owned(
    name: str,
    find_id: Callable[[Any], str],
    *,
    owners: Callable[[Any], Owners],
    permission: Permission,
    show: Show = show_all,
) -> Show:
    """Return what shows a value that no kind keeps to the operator and to the parties that it belongs to.

    Args:
        name: What `NotFound` calls it.
        find_id: Returns the id that it names.
        owners: Returns the merchant and the buyer, as `Scope.covers` takes them.
        permission: What their users need.
        show: Returns what such a caller may see of it.
    """

    def show_existing(value: Any, scope: Scope) -> Any:
        check_part(scope.caller, permission)
        if not scope.caller.covers(**owners(value)):
            raise NotFound(name, find_id(value))
        return show(value, scope)

    return show_existing
