"""Users and roles as lists."""

from mktcore.access.permissions import ROLES, Role
from mktcore.access.record_list import RecordList
from mktcore.access.user import USERS, User

__all__ = ["RoleList", "UserList"]


class UserList(RecordList[User]):
    """The users of the caller's own party; the operator sees all. `state` is `active` or `inactive`."""

    kind, filters = USERS, ("merchant", "buyer", "party", "state")


class RoleList(RecordList[Role]):
    """The roles that were stored; the operator's. Those that ship are in `find_roles`, with these."""

    kind, filters = ROLES, ("party",)
