"""Keeping offers fresh: what merchants say has changed is fetched from them, and stored."""
