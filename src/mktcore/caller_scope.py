"""Who is asking."""

from enum import StrEnum

import attrs

from mktcore.ids import InvalidId, check_id

__all__ = ["EVERY_MERCHANT", "Party", "Scope"]

EVERY_MERCHANT = frozenset({"*"})
"""The merchants of a buyer who may buy from all of them; no id is a star."""


class Party(StrEnum):
    """The three kinds of party that can ask."""

    OPERATOR = "operator"
    MERCHANT = "merchant"
    BUYER = "buyer"


_VISITOR = "?"
"""In place of a visitor's id; no id is a question mark, and an empty one is a host's mistake."""
_BUYER = Party.BUYER  # looking a member up on its class takes longer than the rest of `is_related_to`


@attrs.frozen
class Scope:
    """Who is asking: the party on whose behalf a call is made, and its user.

    >>> Scope.merchant("acme", user="u1")
    Scope(party=<Party.MERCHANT: 'merchant'>, id='acme', user='u1', on_behalf_of=None)

    The operator sees every record; a merchant and a buyer see what their repositories' scope rules let through.
    What a party may not see does not exist for it.

    Attributes:
        party: The kind of party.
        id: The party's id; empty for the operator, and a question mark for a visitor, who asks as a buyer whom nobody
            knows.
        user: The person or integration acting for it, where the host knows.
        on_behalf_of: Set when a use case works under the operator's authority for this caller.
        permissions: What the user may do; None when the party itself asks, which may do all that its kind may.
        merchants: For a buyer, the merchants it can order from, as relations say: it reads what they show to related
            buyers. Empty until somebody looked (`mktcore.access`), so that a scope made by hand reveals nothing.
        acts_for: In the signature of a record, whom its author did it for, where that is another party: the buyer of
            an order that the operator's user placed.
    """

    party: Party
    id: str = ""
    user: str | None = None
    on_behalf_of: "Scope | None" = None
    permissions: frozenset[str] | None = attrs.field(default=None, kw_only=True, repr=False)
    merchants: frozenset[str] = attrs.field(default=frozenset(), kw_only=True, repr=False)
    acts_for: "Scope | None" = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.party is not Party.OPERATOR:
            if not self.is_visitor:
                check_id(self.party, self.id)
        elif self.id != "":
            raise InvalidId(self.party, str(self.id))

    @classmethod
    def operator(cls, *, user: str | None = None) -> "Scope":
        """Return the marketplace's own scope."""
        return cls(Party.OPERATOR, "", user)

    @classmethod
    def merchant(cls, merchant: str, *, user: str | None = None) -> "Scope":
        """Return a merchant's scope."""
        return cls(Party.MERCHANT, merchant, user)

    @classmethod
    def buyer(cls, buyer: str, *, user: str | None = None) -> "Scope":
        """Return a buyer's scope."""
        return cls(Party.BUYER, buyer, user)

    @classmethod
    def visitor(cls) -> "Scope":
        """Return the scope of somebody who is no buyer yet: shown what is for every buyer, with no record of its own.

        >>> str(Scope.visitor()), Scope.visitor().covers(buyer=None), Scope.visitor().is_related_to("acme")
        ('visitor', False, False)
        """
        return cls(Party.BUYER, _VISITOR)

    @property
    def is_visitor(self) -> bool:
        """Whether it is a buyer whom nobody knows yet."""
        return self.party is _BUYER and self.id == _VISITOR

    def to_operator(self) -> "Scope":
        """Return the operator's authority on behalf of this caller, for a use case that spans parties.

        A user of the operator gets it too: what it may do is asked before, and the rest is the use case's.
        """
        return self if self.is_authority else Scope(Party.OPERATOR, "", user=self.user, on_behalf_of=self)

    @property
    def is_authority(self) -> bool:
        """Whether it reads and writes all: the operator itself, or a use case that works under its authority.

        >>> Scope.operator(user="rita").is_authority, Scope.merchant("acme").to_operator().is_authority
        (True, True)
        >>> Scope(Party.OPERATOR, user="rita", permissions=frozenset({"orders.read"})).is_authority
        False
        """
        return self.party is Party.OPERATOR and self.permissions is None

    def covers(self, *, merchant: str | None = None, buyer: str | None = None) -> bool:
        """Tell whether something that belongs to this merchant, or this buyer, exists for this scope.

        >>> Scope.merchant("acme").covers(merchant="acme", buyer="b1"), Scope.buyer("acme").covers(merchant="acme")
        (True, False)
        """
        if self.party is Party.OPERATOR:
            return True
        return self.id == (merchant if self.party is Party.MERCHANT else buyer)

    def covers_party(self, party: Party, id: str) -> bool:  # noqa: A002 - the field's name
        """Tell whether what belongs to a party exists for this scope: all for the operator, its own for any other."""
        return self.party is Party.OPERATOR or (self.party, self.id) == (party, id)

    def allows(self, permission: str) -> bool:
        """Tell whether the caller's user holds a permission; the party itself holds all that its kind may.

        >>> Scope(Party.MERCHANT, "acme", "u1", permissions=frozenset({"orders.read"})).allows("orders.ship")
        False
        """
        held = self.caller.permissions
        # No set at all is the party itself; an empty one is a user who may do nothing.
        return held is None or permission in held

    def is_related_to(self, merchant: str | None) -> bool:
        """Tell whether this is a buyer who can order from the merchant (None for the operator's own goods)."""
        if self.party is not _BUYER:
            return False
        return merchant is None or merchant in self.merchants or self.merchants == EVERY_MERCHANT

    def to_party(self) -> "Scope":
        """Return the caller's party itself, whoever of its users asks: what it may see, all of them together may.

        >>> Scope.merchant("acme", user="u1").to_party()
        Scope(party=<Party.MERCHANT: 'merchant'>, id='acme', user=None, on_behalf_of=None)
        """
        return attrs.evolve(self.caller, user=None, permissions=None)

    def to_signature(self, acts_for: "Scope | None" = None) -> "Scope":
        """Return who asked without what it may do and see: all that a history keeps of it.

        >>> signature = Scope.operator(user="rita").to_signature(Scope.buyer("b1"))
        >>> str(signature), signature.user, str(signature.acts_for)
        ('operator', 'rita', 'buyer:b1')

        Args:
            acts_for: The party on whose behalf it is done; kept where that is not the caller's own.
        """
        caller = self.caller
        principal = None if acts_for is None or acts_for._is_of(caller) else acts_for  # noqa: SLF001 - its own class
        # Permissions and relations are of the moment, and not for everybody who reads the history.
        return Scope(caller.party, caller.id, caller.user, acts_for=principal)

    def _is_of(self, other: "Scope") -> bool:
        return (self.party, self.id) == (other.party, other.id)

    def view_for(self, reader: "Scope") -> "Scope":
        """Return who asked as a reader may know it: a party's users are its own matter, and the operator's.

        >>> Scope.operator(user="rita").view_for(Scope.merchant("acme")).user is None
        True
        """
        caller, asking = self.caller, reader.caller
        if asking.party is Party.OPERATOR:
            return self
        # Without the authority under which it was done: that names the operator's user. The party that it was done for
        # stays: a buyer shall see that another placed its order.
        principal = None if self.acts_for is None else Scope(self.acts_for.party, self.acts_for.id)
        user = caller.user if asking._is_of(caller) else None  # noqa: SLF001 - its own class
        return Scope(caller.party, caller.id, user, acts_for=principal)

    @property
    def caller(self) -> "Scope":
        """Who asked in the first place."""
        return self.on_behalf_of or self

    @property
    def holder(self) -> "Scope":
        """Whose rights count: those of the party that is acted for, where another one acts."""
        return self.acts_for or self.caller

    def __str__(self) -> str:
        if self.is_visitor:
            return "visitor"
        return f"{self.party}:{self.id}" if self.id else str(self.party)
