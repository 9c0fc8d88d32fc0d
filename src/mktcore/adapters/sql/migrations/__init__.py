"""Alembic migrations of the tables that every store keeps, for hosts that migrate their database themselves.

Add `VERSIONS` to `version_locations` of the host's Alembic environment; the revisions carry the branch label
`mktcore`. The tables of kinds are data of the host's own choice: give `build_metadata(kinds)` to autogenerate.
"""

from pathlib import Path

__all__ = ["VERSIONS"]

VERSIONS = Path(__file__).parent / "versions"
"""The folder of the revisions."""
