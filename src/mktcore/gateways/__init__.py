"""What every gateway answers, and what is recorded of it."""

from mktcore.gateways.answers import Declined, Succeeded, Unknown

__all__ = ["Declined", "Succeeded", "Unknown"]
