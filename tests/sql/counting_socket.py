"""A socket in front of PostgreSQL's that counts round trips: how often the client waits for an answer."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


class CountingSocket:
    """Passes everything on, and counts.

    Attributes:
        trips: How often the client sent something after it was answered.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.trips = 0
        self._server = f"{server}/.s.PGSQL.5432"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{folder}/.s.PGSQL.5432")
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it was closed
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        is_asking = False
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    self.trips += one is client and not is_asking
                    is_asking = one is client
                    (server if one is client else client).sendall(data)


@contextmanager
def count_trips(url: str, folder: Path) -> Iterator[tuple[CountingSocket, str]]:
    """Yield a socket in a folder, whose path must be short, and the URL of the same database behind it."""
    address = make_url(url)
    counting = CountingSocket(folder, str(address.query["host"]))
    yield counting, address.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    counting.close()
