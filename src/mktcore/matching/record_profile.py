"""A record prepared for comparing: its words by role, each with its weight."""

from collections.abc import Callable, Iterable, Sequence

import attrs

from mktcore.matching.record import MatchRecord
from mktcore.matching.words import is_model_number, join_code, spell_measure, split_quantity, split_words

__all__ = ["Profile", "ProfileFields", "Weigh", "profile_fields", "read_fields"]

MAX_BRAND = 8
MAX_CATEGORY = 16
MAX_DETAIL = 120
"""Words of description and attributes that are kept."""
MAX_CODES = 12
MAX_IDENTIFIERS = 16
GRAM = 3
MAX_GRAMS = 200
Weigh = Callable[[str], int]
"""How rare a word is among the records at hand, in thousandths: 1000 for one that stands in a single record."""


@attrs.define(slots=True)
class ProfileFields:
    """The words of a record, field by field; what an index keeps.

    Attributes:
        name: Words of the name in their order, each once.
        brand: Words of the brand.
        category: Words of the category.
        detail: Words of the description and the attributes.
        mpn: The part number, joined.
        identifiers: `"gtin:04548736133730"`, `"asin:B00X4WHP5E"`: of numbers that decide.
        size: The size as a word: `"1000ml"`.
        price: In minor units.
        currency: Of the price.
    """

    name: Sequence[str]
    brand: Sequence[str] = ()
    category: Sequence[str] = ()
    detail: Sequence[str] = ()
    mpn: str = ""
    identifiers: Sequence[str] = ()
    size: str = ""
    price: int | None = None
    currency: str = ""


@attrs.define(slots=True)
class Profile:
    """The words of one record by what they are."""

    fields: ProfileFields
    weights: dict[str, int]
    total: int
    square: int
    words: frozenset[str]
    detail: frozenset[str]
    brand: frozenset[str]
    codes: tuple[str, ...]
    numbers: frozenset[str]
    quantities: dict[str, frozenset[str]]
    grams: frozenset[str]


def read_fields(record: MatchRecord) -> ProfileFields:
    """Split a record into its words."""
    texts = " ".join([record.description, *(value for _, value in record.attributes)]).strip()
    numbers = [f"gtin:{gtin.digits}" for gtin in record.gtins[:MAX_IDENTIFIERS] if gtin.decides]
    numbers += [f"{scheme}:{number}"[:120] for scheme, number in record.host_ids[:MAX_IDENTIFIERS]]
    return ProfileFields(
        name=split_words(record.name),
        brand=split_words(record.brand, MAX_BRAND) if record.brand else (),
        category=split_words(record.category, MAX_CATEGORY) if record.category else (),
        detail=split_words(texts, MAX_DETAIL) if texts else (),
        mpn=join_code(record.mpn) if record.mpn else "",
        identifiers=numbers,
        size=(spell_measure(record.size) or "") if record.size is not None else "",
        price=record.price or None,  # nothing is sold for nothing: feeds write 0 for "unknown"
        currency=record.currency,
    )


def profile_fields(fields: ProfileFields, weigh: Weigh) -> Profile:
    """Sort the words of a record into their roles and weigh them."""
    name = fields.name
    weights = {word: weigh(word) for word in name}
    codes = dict.fromkeys(word for word in name if is_model_number(word))
    if fields.mpn:
        codes[fields.mpn] = None
    numbers, quantities = _measure(name, fields.size)
    text = "".join(name)[:MAX_GRAMS]
    return Profile(
        fields=fields,
        weights=weights,
        total=sum(weights.values()),
        square=sum([weight * weight for weight in weights.values()]),
        words=frozenset(name),
        detail=frozenset(fields.detail),
        brand=frozenset(fields.brand),
        codes=tuple(sorted(codes)[:MAX_CODES]),
        numbers=numbers,
        quantities=quantities,
        grams=frozenset([text[place : place + GRAM] for place in range(max(1, len(text) - GRAM + 1))]),
    )


def _measure(name: Iterable[str], size: str) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return the bare numbers of a name, and its quantities by unit; a size that is given overrules the name's."""
    numbers = []
    quantities: dict[str, set[str]] = {}
    for word in name:
        if word[0].isdigit():
            found = split_quantity(word)
            if found is not None:
                quantities.setdefault(found[0], set()).add(found[1])
            elif word.replace(".", "").isdigit():
                numbers.append(word)
    given = split_quantity(size) if size else None
    if given is not None:
        quantities[given[0]] = {given[1]}
    return frozenset(numbers), {unit: frozenset(values) for unit, values in quantities.items()}
