"""What a unit of work lets a scope at: every store asks these before it hands out a part of a unit.

Ownership is the kinds' own, by columns; here it is asked what the *user* of a party may do, and what no party does. A
use case that asked before works under `Scope.to_operator()`, which is let through.
"""

from collections.abc import Iterable
from typing import Any

from mktcore.access.permissions import Permission, PermissionDenied
from mktcore.events import Event
from mktcore.persistence import Kind, NotFound, Scope

__all__ = ["check_authority", "check_event_reader", "check_may_publish", "check_part", "check_reader"]

_OF_NO_KIND = {"stock_item": Permission.STOCK}
"""What is read of subjects that no kind keeps."""


def check_reader(scope: Scope, kind: Kind[Any]) -> None:
    """Let a scope at a repository unless it is of a user who may not read the kind.

    Refused rather than shown nothing: an empty list would say that there is nothing.

    Raises:
        PermissionDenied: The user lacks the permission that the kind names, or the kind is for no user.
    """
    lacking = kind.find_refused(scope)
    if lacking is not None:
        raise PermissionDenied(str(scope), scope.user, lacking or f"read {kind.name}")


def check_part(scope: Scope, permission: str) -> None:
    """Let a scope at stock or at the books unless it is of a user who does not hold the permission.

    Raises:
        PermissionDenied: The user does not hold it.
    """
    # Not `Scope.allows`, which asks the caller: under authority its permissions were asked by the use case.
    if scope.permissions is not None and permission not in scope.permissions:
        raise PermissionDenied(str(scope), scope.user, str(permission))


def check_event_reader(scope: Scope, subject_kind: str, kind: Kind[Any] | None) -> None:
    """Let a scope at the events of a subject unless it is of a user who may not read the subject itself.

    Args:
        scope: Who asks.
        subject_kind: Kind of the subject.
        kind: The kind of that name, if the store keeps one.

    Raises:
        PermissionDenied: The user may not read records of this kind, or no kind says that it may.
    """
    if kind is not None:
        check_reader(scope, kind)
    else:
        check_part(scope, _OF_NO_KIND.get(subject_kind, f"read {subject_kind}"))


def check_may_publish(scope: Scope, events: Iterable[Event]) -> tuple[Event, ...]:
    """Let a party publish what names it, and authority anything; return the events.

    Raises:
        NotFound: An event is another party's, or nobody's.
    """
    given = tuple(events)
    for event in () if scope.is_authority else given:
        # A user of the operator has no events of its own: what it does is done, and told, by use cases.
        if not scope.id or not scope.covers(merchant=event.merchant, buyer=event.buyer):
            raise NotFound(event.subject_kind, event.subject)
    return given


def check_authority(scope: Scope, what: str, name: str) -> None:
    """Let authority pass, at what belongs to the marketplace itself: counters, the inbox.

    Raises:
        NotFound: A party asks, or a user of the operator.
    """
    if not scope.is_authority:
        raise NotFound(what, name)
