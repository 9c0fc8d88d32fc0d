"""Connectors: other systems' formats, read into this library's values."""

__all__: list[str] = []
