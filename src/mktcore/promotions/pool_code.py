"""Coupon codes that are kept one by one, any number of them in a pool, and are found by the code that was entered."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import attrs

from mktcore.access import scope_rule
from mktcore.access.ownership_matrix import Owned
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.persistence import Kind, column
from mktcore.persistence.declared_columns import MAX_COLUMN_TEXT, is_storable

__all__ = ["POOL_CODES", "PoolCode", "fold_codes", "group_by_pool"]

MAX_CODE_LENGTH = 100


@attrs.frozen
class PoolCode:
    """A coupon code of a pool; upper and lower case are the same.

    >>> PoolCode("spring", "SAVE-0001").folded
    'save-0001'

    Attributes:
        pool: The pool, as `WithPoolCode` names it.
        code: The code.
        owner: The merchant whose pool it is; None for the operator's.
        version: How often it was stored.
    """

    pool: str
    code: str
    owner: str | None = None
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("pool", self.pool)
        if self.owner is not None:
            check_id("merchant", self.owner)
        if not isinstance(self.code, str):
            raise InvalidValue("PoolCode", "code", self.code, "a text")
        is_sound = 0 < len(self.code) <= MAX_CODE_LENGTH and self.code == self.code.strip() and self.code.isprintable()
        if not is_sound:
            wanted = f"1 to {MAX_CODE_LENGTH} printable characters, no blanks around them"
            raise InvalidValue("PoolCode", "code", self.code[: MAX_CODE_LENGTH + 1], wanted)

    @property
    def id(self) -> str:
        """Its id: one for each owner, pool and code, so that a code stands in a pool once."""
        parts = (self.owner or "", self.pool, self.folded)
        # A digest, because a code may be of any script, and of any signs.
        return f"code:{sha256(chr(0).join(parts).encode()).hexdigest()}"

    @property
    def folded(self) -> str:
        """The code as it is compared."""
        return self.code.casefold()


POOL_CODES = Kind(
    "pool_code",
    PoolCode,
    columns={"owner": column("owner"), "pool": column("pool"), "code": column("folded")},
    together=(("owner", "pool"), ("owner", "code")),
    **scope_rule(Owned.PROMOTION),
)


def fold_codes(entered: Iterable[str]) -> frozenset[str]:
    r"""Return the codes that were entered as they are compared, without those that can be in no pool.

    >>> sorted(fold_codes(["SUN", "Straße", "nul\0", "x" * 10_000]))
    ['strasse', 'sun']
    """
    folded = {code.casefold() for code in entered}
    return frozenset(code for code in folded if len(code) <= MAX_COLUMN_TEXT and is_storable(code))


def group_by_pool(
    entered: Iterable[str], found: Iterable[PoolCode]
) -> Mapping[tuple[str | None, str], tuple[str, ...]]:
    """Return the codes that were entered and are of a pool, case-folded, in the order in which they were entered.

    Args:
        entered: As they were entered.
        found: The codes of pools that are among them.
    """
    places = {code: at for at, code in reversed([*enumerate(code.casefold() for code in entered)])}
    pools: dict[tuple[str | None, str], list[str]] = {}
    for one in found:
        if one.folded in places:
            pools.setdefault((one.owner, one.pool), []).append(one.folded)
    return {pool: tuple(sorted(codes, key=lambda code: places[code])) for pool, codes in pools.items()}
