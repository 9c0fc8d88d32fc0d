"""Revisions that a host's Alembic generates: in the host's own folder, on its own branch, without types of ours."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import coerce_resource_to_filename

from mktcore.sql.types import Instant, SortedText

__all__ = ["place_revision", "render_type"]

_OURS = Path(__file__).parent / "versions"
_RENDERED: dict[type, str] = {
    SortedText: "sa.Text().with_variant(sa.String(collation='C'), 'postgresql')",
    Instant: "sa.Text().with_variant(sa.DateTime(timezone=True), 'postgresql')",
}
"""What the types are in a database; a revision of a host that named ours would break when they move."""


def place_revision(context: MigrationContext, _revision: object, directives: Iterable[MigrationScript]) -> None:
    """Put a new revision into the host's folder and on its branch: `process_revision_directives=place_revision`.

    Left to itself, Alembic writes it beside the revision that it follows, which may be one of the library's. What was
    said on the command line (`--head`, `--version-path`, `--depends-on`) stands.

    Args:
        context: Alembic's.
        directives: What is to be written.
    """
    config: Any = context.config
    script = ScriptDirectory.from_config(config)
    for directive in directives:
        if directive.version_path is None:
            directive.version_path = _find_folder(script)
        if directive.head in (None, "head"):
            directive.head = _find_head(script)
        if directive.depends_on is None:
            directive.depends_on = _find_dependency(script)


def _is_ours(script: Script) -> bool:
    return Path(script.path).resolve().parent == _OURS.resolve()


def _find_folder(script: ScriptDirectory) -> str | None:
    """Return the first listed folder of revisions that is not the library's; where none is listed, Alembic knows."""
    listed = [Path(coerce_resource_to_filename(given)) for given in script.version_locations or ()]
    return next((str(folder) for folder in listed if folder.resolve() != _OURS.resolve()), None)


def _find_head(script: ScriptDirectory) -> str:
    """Return the host's last revision; of several, Alembic wants one to be named on the command line."""
    heads = [one.revision for one in script.get_revisions("heads") if not _is_ours(one)]
    return heads[0] if len(heads) == 1 else "head" if heads else "base"


def _find_dependency(script: ScriptDirectory) -> str | None:
    """Return the library's last revision, unless one of the host's waits for it already."""
    revisions = list(script.walk_revisions())
    ours = next((one.revision for one in revisions if _is_ours(one) and one.is_head), None)
    waited_for = {name for one in revisions for name in _to_names(one.dependencies)}
    return None if ours in waited_for else ours


def _to_names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def render_type(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render a column's type as SQLAlchemy's own: `render_item=render_type`.

    Args:
        kind: What is rendered.
        value: The type, where it is one.

    Returns:
        The text; False where Alembic knows better.
    """
    return _RENDERED.get(type(value), False) if kind == "type" else False
