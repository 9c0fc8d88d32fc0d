"""Agreements between the operator and the merchants, by period."""

from mktcore.parties.agreements.agreement import (
    AGREEMENTS,
    Agreement,
    AgreementOverlap,
    CommissionTerms,
    DeliveryTerms,
    PaymentTerms,
    Processor,
    SelectionTerms,
    SupportTerms,
    find_agreement,
    follow_agreement,
)
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.agreements.use_cases import Agreements

__all__ = [
    "AGREEMENTS",
    "Agreement",
    "AgreementOverlap",
    "AgreementSigned",
    "Agreements",
    "CommissionTerms",
    "DeliveryTerms",
    "PaymentTerms",
    "Processor",
    "SelectionTerms",
    "SupportTerms",
    "find_agreement",
    "follow_agreement",
]
