"""XML from a stranger, as a small tree in which every element knows its line and column.

Document types, entities and external references are refused by `defusedxml`; size, depth and the number of elements are
bounded here.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import ClassVar
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import attrs
from defusedxml.common import DefusedXmlException
from defusedxml.sax import parse

from mktcore.errors import MktcoreError
from mktcore.notice import Notice

__all__ = ["MAX_BYTES", "Element", "UnreadableXml", "parse_document"]

MAX_BYTES = 4_000_000
MAX_DEPTH = 16
MAX_ELEMENTS = 200_000


@attrs.define(eq=False, slots=False)
class UnreadableXml(MktcoreError):
    """A file that is no XML, or XML that is not safe to read."""

    code: ClassVar[str] = "spryker.unreadable-xml"
    remedy: ClassVar[str] = "give well-formed XML without a document type or entities"
    where: str
    reason: str

    def describe(self) -> str:
        """Name the place and the reason."""
        return f"{self.where}: {self.reason}"

    def to_notice(self, where: str = "") -> Notice:
        """Return this error as one entry of a list, placed where it is in the file."""
        return Notice(self.code, where or self.where, self.reason, remedy=self.remedy, operands=self.operands())


@attrs.define(eq=False)
class Element:
    """An element: its name without a namespace prefix, its attributes, its text, its children, and its place."""

    name: str
    attributes: dict[str, str]
    where: str
    text: str = ""
    children: list["Element"] = attrs.field(factory=list)

    def find_all(self, name: str) -> Iterator["Element"]:
        """Yield the children of that name, in order."""
        return (child for child in self.children if child.name == name)


def parse_document(content: bytes, file: str) -> Element:
    """Return the root element.

    Args:
        content: The bytes of the file.
        file: Its name, for the places.

    Raises:
        UnreadableXml: It is not well-formed, not safe, or larger than a process ever is.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableXml(file, f"more than {MAX_BYTES} bytes")
    builder = _Builder(file)
    try:
        parse(BytesIO(content), builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except SAXParseException as error:
        line, column = error.getLineNumber() or 0, error.getColumnNumber() or 0
        raise UnreadableXml(f"{file}:{line}:{column + 1}", error.getMessage()) from None
    except DefusedXmlException as error:
        raise UnreadableXml(builder.place(), f"{type(error).__name__}: not safe to read") from None
    except (UnicodeError, LookupError, ValueError) as error:
        raise UnreadableXml(builder.place(), f"the text cannot be decoded: {type(error).__name__}") from None
    assert builder.root is not None, "a document without a root element does not parse"  # noqa: S101 - expat refuses it
    return builder.root


class _Builder(ContentHandler):
    """Builds the tree while the parser reads."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.root: Element | None = None
        self._file = file
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._count = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the interface's name
        self._locator = locator

    def place(self) -> str:
        """Return where the parser is: file, line, column, the last two counted from 1."""
        if self._locator is None:
            return self._file
        return f"{self._file}:{self._locator.getLineNumber()}:{(self._locator.getColumnNumber() or 0) + 1}"

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the interface's name
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise UnreadableXml(self.place(), f"more than {MAX_ELEMENTS} elements")
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableXml(self.place(), f"elements more than {MAX_DEPTH} deep")
        element = Element(name.rpartition(":")[2], dict(attrs.items()), self.place())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def characters(self, content: str) -> None:
        # The parser gives the text of one element in pieces.
        self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - the interface's names
        self._open.pop().text = "".join(self._texts.pop()).strip()
