"""The files of one process: the main one, and the sub-processes it names, never outside their folder."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from mktcore.connectors.spryker.xml_document import MAX_BYTES, Element, UnreadableXml, parse_document
from mktcore.notice import Notice

__all__ = ["SourceFile", "read_sources"]

MAX_FILES = 100
DELIMITER = " - "


@attrs.frozen(eq=False)
class SourceFile:
    """A `process` element as it takes part in the whole.

    Attributes:
        element: The element.
        name: Its name; the one of the element that refers to its file wins.
        prefix: What its names are prefixed with; empty for none.
    """

    element: Element
    name: str
    prefix: str = ""

    def rename(self, name: str) -> str:
        """Return a state's or event's name as the whole knows it."""
        return f"{self.prefix}{DELIMITER}{name}" if self.prefix and name else name


def read_sources(path: Path, folder: Path, problems: list[Notice]) -> tuple[Element, list[SourceFile]]:
    """Return the root of the main file and every process, in the order in which they are merged.

    Raises:
        UnreadableXml: The main file cannot be read.
    """
    root = _read(path, folder)
    sources = [SourceFile(element, element.attributes.get("name", "")) for element in root.find_all("process")]
    merged: set[tuple[Path, str, str]] = set()
    position = 0
    while position < len(sources):
        source = sources[position]
        position += 1
        file = source.element.attributes.get("file")
        if not file:
            continue
        found = _locate(file, folder, source.element.where, problems=problems)
        key = (found, source.element.attributes.get("name", ""), source.element.attributes.get("prefix", ""))
        # A file that names itself, or two that name each other, would go on for ever.
        if found is None or key in merged:
            continue
        merged.add(key)  # type: ignore[arg-type]  # found is not None here
        if len(merged) > MAX_FILES:
            problems.append(Notice("spryker.too-many-files", source.element.where, f"more than {MAX_FILES} files"))
            return root, sources
        try:
            sources += _to_sources(_read(found, folder), source.element)
        except UnreadableXml as unreadable:
            problems.append(unreadable.to_notice())
    return root, sources


def _to_sources(root: Element, reference: Element) -> Iterator[SourceFile]:
    """Yield the processes of a sub-process file; the first takes the name that the reference gives it."""
    name, prefix = reference.attributes.get("name", ""), reference.attributes.get("prefix", "")
    for number, element in enumerate(root.find_all("process")):
        own = element.attributes.get("name", "")
        yield SourceFile(element, name if name and number == 0 else own, prefix)


def _read(path: Path, folder: Path) -> Element:
    shown = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    try:
        with path.open("rb") as file:
            # One byte more than allowed shows that there are too many.
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableXml(shown, f"cannot be read: {error.strerror}") from None
    root = parse_document(content, shown)
    if root.name != "statemachine":
        raise UnreadableXml(root.where, f"the root is <{root.name}>, not <statemachine>")
    return root


def _locate(file: str, folder: Path, where: str, *, problems: list[Notice]) -> Path | None:
    """Return the file a process names: below the folder by its path, or anywhere in it by the end of its path."""
    name = file.replace(" ", "_")
    wanted = Path(name if name.endswith(".xml") else f"{name}.xml")
    if wanted.is_absolute() or ".." in wanted.parts or "\\" in name or "\0" in name or "://" in name:
        message = f"the file {file!r} lies outside the folder"
        problems.append(Notice("spryker.file-outside", where, message, "name a file below the folder"))
        return None
    # Spryker looks for the end of the path anywhere in the folder; the plain place comes first.
    candidates = sorted(folder.rglob("*.xml"), key=lambda candidate: (candidate != folder / wanted, candidate))
    for candidate in candidates:
        if candidate.parts[-len(wanted.parts) :] == wanted.parts and candidate.is_file():
            # Resolved: a link in the folder may lead out of it.
            if candidate.resolve().is_relative_to(folder):
                return candidate
            message = f"the file {file!r} leads outside the folder"
            problems.append(Notice("spryker.file-outside", where, message, "name a file below the folder"))
            return None
    problems.append(Notice("spryker.file-missing", where, f"there is no file {file!r} in the folder"))
    return None
