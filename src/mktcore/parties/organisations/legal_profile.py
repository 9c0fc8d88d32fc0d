"""What a merchant says of itself to the operator: identifiers and documents. Nobody else sees it."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from mktcore.access import Permission
from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.parties.organisations.identifiers import Identifier, IdentifierKind
from mktcore.persistence import Kind, Repositories

__all__ = ["PROFILES", "Document", "MerchantProfile", "find_shared_numbers"]


@attrs.frozen
class Document:
    """A reference to a document; its bytes live with the host.

    Attributes:
        id: Its id, unique in the profile.
        title: What it is: "extract of the company register".
        reference: Where the host keeps it.
        at: When it was handed in, UTC.
    """

    id: str
    title: str
    reference: str
    at: datetime = attrs.field(converter=to_utc, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("document", self.id)


def _to_identifiers(found: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(found)


def _to_documents(found: Iterable[Document]) -> tuple[Document, ...]:
    return tuple(found)


@attrs.frozen
class MerchantProfile:
    """A merchant's legal side.

    Attributes:
        id: The merchant's id.
        legal_name: As the register has it.
        country: Of its seat, two letters.
        identifiers: Numbers that passed their checks, one of each kind.
        documents: References to documents.
        version: How often it was stored.
    """

    id: str
    legal_name: str
    country: str
    identifiers: tuple[Identifier, ...] = attrs.field(default=(), converter=_to_identifiers, kw_only=True)
    documents: tuple[Document, ...] = attrs.field(default=(), converter=_to_documents, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("merchant", self.id)
        for field, keys in (
            ("identifiers", [identifier.kind for identifier in self.identifiers]),
            ("documents", [document.id for document in self.documents]),
        ):
            if len(set(keys)) < len(keys):
                # All keys are shown, in order, so that the one that stands twice is seen side by side.
                raise InvalidValue("MerchantProfile", field, sorted(keys), "one of each")

    def find_identifier(self, kind: IdentifierKind) -> Identifier | None:
        """Return its identifier of a kind, or None."""
        return next((identifier for identifier in self.identifiers if identifier.kind is kind), None)


def _read_number(profile: MerchantProfile, kind: IdentifierKind) -> str | None:
    found = profile.find_identifier(kind)
    return None if found is None else found.number


PROFILES = Kind(
    "merchant_profile",
    MerchantProfile,
    columns={
        "merchant": lambda profile: profile.id,
        # By these the operator is told of two merchants with one number.
        "vat": lambda profile: _read_number(profile, IdentifierKind.VAT),
        "iban": lambda profile: _read_number(profile, IdentifierKind.IBAN),
    },
    merchant="merchant",
    reads=Permission.ONBOARDING,
)


def find_shared_numbers(unit: Repositories, profile: MerchantProfile | None) -> frozenset[IdentifierKind]:
    """Return which of a merchant's numbers another merchant has too; a right check digit does not say whose it is.

    Args:
        unit: Under the operator's authority.
        profile: The merchant's; None where it has none.
    """
    found = set()
    for kind in (IdentifierKind.VAT, IdentifierKind.IBAN):
        number = None if profile is None else _read_number(profile, kind)
        holders = () if number is None else unit.repository(PROFILES).find_where(kind.value, [number])
        if profile is not None and any(holder.id != profile.id for holder in holders):
            found.add(kind)
    return frozenset(found)
