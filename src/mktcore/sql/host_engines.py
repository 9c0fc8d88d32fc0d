"""What a host may have set on its engines and connections, and what of it holds for statements of ours."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from mktcore.sql.engines import begin_statement

__all__ = ["OUR_OPTIONS", "begin_transactions", "is_watched", "settle_engine"]

OUR_OPTIONS: Mapping[str, Any] = {
    "preserve_rowcount": True,  # guards count rows
    "schema_translate_map": None,  # tables lie where the store was told, in every transaction alike
    "stream_results": False,  # a cursor on the server takes no change
    "yield_per": None,
}
"""How each statement of ours runs, whatever the engine or the connection was set to."""
_ENGINE_HOOKS = ("before_execute", "after_execute", "before_cursor_execute", "after_cursor_execute")
_DIALECT_HOOKS = ("do_execute", "do_executemany", "do_execute_no_params", "handle_error")


def settle_engine(engine: Engine) -> Engine:
    """Return an engine on the same pool whose statements run as ours do; the same one where they do already."""
    set_by_host = engine.get_execution_options()
    differing = {name: ours for name, ours in OUR_OPTIONS.items() if set_by_host.get(name, ours) != ours}
    return engine.execution_options(**differing) if differing else engine


def begin_transactions(connection: Connection) -> None:
    """Let a connection of PostgreSQL begin transactions where a host's engine has it commit every statement.

    On SQLite there is nothing to do: a unit says BEGIN itself.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql" and getattr(driver, "autocommit", False) is True:
        # For as long as it is taken from the pool: the engine sets it back.
        connection.execution_options(isolation_level="READ COMMITTED")


def is_watched(connection: Connection) -> bool:
    """Tell whether a host listens to statements, such as a tracer, or has the engine log them."""
    if connection.engine.logger.isEnabledFor(logging.INFO):
        return True
    return any(listener is not begin_statement for listener in _list_listeners(connection))


def _list_listeners(connection: Connection) -> Iterator[Any]:
    # The engine's: nobody else has had this connection in hands.
    events: Any = connection.engine.dispatch
    for name in _ENGINE_HOOKS:
        yield from getattr(events, name)
    replacements: Any = connection.dialect.dispatch
    for name in _DIALECT_HOOKS:
        yield from getattr(replacements, name)
