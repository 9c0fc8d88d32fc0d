"""What stands behind the ports: stores and publishers that ship with the library."""

__all__: list[str] = []
