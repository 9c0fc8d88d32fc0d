"""Every table of the library with its prefix, ordered columns, and a table that tells the version of the layout."""

from alembic import op

from mktcore.sql.migrations import IrreversibleMigration, migrate_tables

__all__ = ["branch_labels", "depends_on", "down_revision", "downgrade", "revision", "upgrade"]

revision = "mktcore_0002"
down_revision = "mktcore_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move what release 0.1.0 stored; tables of the host's own kinds move with `migrate_tables(connection, kinds)`."""
    migrate_tables(op.get_bind())


def downgrade() -> None:
    """Refuse.

    Raises:
        IrreversibleMigration: Always.
    """
    raise IrreversibleMigration(revision)
