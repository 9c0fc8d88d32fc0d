"""What access stores and publishes; the tags are of the time when it was a part of parties, and stay."""

from mktcore.access.events import UserChanged
from mktcore.access.permissions import ROLES, Role
from mktcore.access.user import USERS, User
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("parties.user", 1, User, kind=USERS),
    Stored("parties.role", 1, Role, kind=ROLES),
    Stored("parties.user-changed", 1, UserChanged),
)
