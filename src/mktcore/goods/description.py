"""What goods have beside a name: texts, attributes, dimensions, media. Bounded, as merchants and feeds write it."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import attrs

from mktcore.errors import InvalidValue
from mktcore.goods.gtin import Gtin
from mktcore.goods.measure import Measure
from mktcore.goods.units import Dimension

__all__ = [
    "MAX_CATEGORY",
    "MAX_DESCRIPTION",
    "MAX_NAME",
    "Dimensions",
    "Media",
    "MediaKind",
    "check_attributes",
    "check_text",
    "check_weight",
    "to_gtin",
    "to_gtins",
    "to_media",
    "to_texts",
]

MAX_NAME = 1_000
MAX_DESCRIPTION = 20_000
MAX_CATEGORY = 500
MAX_ATTRIBUTES = 200
MAX_ATTRIBUTE = 2_000
MAX_REFERENCE = 2_000
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line ends, marks that turn the direction of what follows, halves of characters."""


class MediaKind(StrEnum):
    """What kind of media a reference leads to."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@attrs.frozen
class Media:
    """A reference to an image, a video or a document; its bytes live with the host.

    Attributes:
        reference: Where the host keeps it: an address or a key.
        kind: What it is.
        text: What it shows, for those who cannot see it.
    """

    reference: str
    kind: MediaKind = MediaKind.IMAGE
    text: str = ""

    def __attrs_post_init__(self) -> None:
        check_text("Media", "reference", self.reference, MAX_REFERENCE, required=True)
        check_text("Media", "text", self.text, MAX_NAME)


@attrs.frozen
class Dimensions:
    """The outside of a thing as it is packed.

    Attributes:
        length: The longest side.
        width: The other side of what it stands on.
        height: From there up.
    """

    length: Measure
    width: Measure
    height: Measure

    def __attrs_post_init__(self) -> None:
        for name in ("length", "width", "height"):
            measure: Measure = getattr(self, name)
            if measure.dimension is not Dimension.LENGTH:
                raise InvalidValue("Dimensions", name, measure, "a length")


def check_text(type: str, field: str, text: str, longest: int, *, required: bool = False) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse a text that is too long, empty where it must not be, or hides what is written.

    Raises:
        InvalidValue: It is, or does.
    """
    if len(text) > longest:
        raise InvalidValue(type, field, text, f"{longest} characters at most")
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        raise InvalidValue(type, field, ascii(text), f"no control character such as {hidden[0]!a}")
    if required and not text.strip():
        raise InvalidValue(type, field, text, "not empty")


def check_attributes(type: str, field: str, attributes: Mapping[str, str]) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse attributes that are too many, too long, or without a name.

    Raises:
        InvalidValue: They are.
    """
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidValue(type, field, len(attributes), f"{MAX_ATTRIBUTES} attributes at most")
    for name, value in attributes.items():
        check_text(type, field, name, MAX_NAME, required=True)
        check_text(type, f"{field}[{name}]", value, MAX_ATTRIBUTE)


def check_weight(type: str, weight: Measure | None) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse a weight in litres.

    Raises:
        InvalidValue: It is no mass.
    """
    if weight is not None and weight.dimension is not Dimension.MASS:
        raise InvalidValue(type, "weight", weight, "a mass")


def to_gtin(value: Gtin | str | None) -> Gtin | None:
    """Return a GTIN, parsed where it comes as text; empty text is none."""
    return Gtin.parse(value) if isinstance(value, str) and value.strip() else value or None  # type: ignore[return-value]  # no text is left


def to_gtins(values: Iterable[Gtin | str]) -> tuple[Gtin, ...]:
    """Return GTINs, each once."""
    found = [Gtin.parse(value) if isinstance(value, str) else value for value in values]
    return tuple(dict.fromkeys(found))


def to_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a copy, so that what was given may change."""
    return dict(texts)


def to_media(media: Iterable[Media]) -> tuple[Media, ...]:
    """Return media in their order."""
    return tuple(media)
