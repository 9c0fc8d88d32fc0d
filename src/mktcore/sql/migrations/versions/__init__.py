"""Revisions, oldest first; one that was released is never changed."""

__all__: list[str] = []
