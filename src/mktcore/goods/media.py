"""Media: references to images, videos and documents, whose bytes live with the host."""

from collections.abc import Iterable
from enum import StrEnum

import attrs

from mktcore.goods.safe_text import MAX_NAME, check_text

__all__ = ["Media", "MediaKind", "to_media"]

# What browsers and servers take as an address.
MAX_REFERENCE = 2_000


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
        check_text("Media", "reference", self.reference, longest=MAX_REFERENCE, required=True)
        check_text("Media", "text", self.text, longest=MAX_NAME)


def to_media(media: Iterable[Media]) -> tuple[Media, ...]:
    """Return media in their order."""
    return tuple(media)
