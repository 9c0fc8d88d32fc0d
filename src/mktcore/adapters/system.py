"""The machine's own clock, and ids from its randomness."""

from datetime import UTC, datetime
from random import SystemRandom

__all__ = ["SystemClock", "SystemIds"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 60
_TIME_BITS = 45
_CHANCE = SystemRandom()


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Makes ids that sort by the millisecond they were made in: nine letters of time, twelve of chance."""

    def new_id(self, kind: str) -> str:
        """Return an id such as `order-0k7c2m9xa4n8t1vq5wz3e`; 60 random bits keep two of one millisecond apart."""
        milliseconds = int(datetime.now(UTC).timestamp() * 1000)
        number = (milliseconds << _RANDOM_BITS) | _CHANCE.getrandbits(_RANDOM_BITS)
        letters = [_ALPHABET[(number >> shift) & 31] for shift in range(_RANDOM_BITS + _TIME_BITS - 5, -1, -5)]
        return f"{kind}-{''.join(letters)}"
