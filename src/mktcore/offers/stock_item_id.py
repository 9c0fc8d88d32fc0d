"""Ids of stock items: the offer's, with the location where its stock is.

A location is called what its merchant calls it, such as "Lager 2 (Nord)"; what an id cannot hold of that is escaped.
"""

import re

__all__ = ["LOCATED", "read_location", "read_offer", "to_stock_item_id"]

# Between offer and location, so new offers' ids and locations may not hold it.
LOCATED = "@"
_ESCAPED = ":"
_PLAIN = re.compile(r"(?:[A-Za-z0-9._/+-][A-Za-z0-9._:/+-]*)?")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-")
_BYTE = re.compile(rb"\+([0-9A-F]{2})")


def to_stock_item_id(offer: str, location: str) -> str:
    """Return the id of the stock item of an offer at a location.

    >>> to_stock_item_id("acme-lamp", "berlin"), to_stock_item_id("acme-lamp", "Lager 2")
    ('acme-lamp@berlin', 'acme-lamp@:Lager+202')

    Args:
        offer: Its id.
        location: What the merchant calls it.
    """
    if _PLAIN.fullmatch(location):
        return f"{offer}{LOCATED}{location}"
    # Behind a colon, with which no location that is shown as it is begins: so no two locations meet.
    shown = "".join(chr(byte) if byte in _KEPT else f"+{byte:02X}" for byte in location.encode())
    return f"{offer}{LOCATED}{_ESCAPED}{shown}"


def read_offer(item: str) -> str:
    """Return the offer whose stock item it is.

    >>> read_offer("acme-lamp@berlin"), read_offer("acme-lamp")
    ('acme-lamp', 'acme-lamp')
    """
    return item.rpartition(LOCATED)[0] or item


def read_location(item: str) -> str:
    """Return the location that a stock item's id names; empty for an offer without locations.

    >>> read_location("acme-lamp@berlin"), read_location("acme-lamp@:Lager+202"), read_location("acme-lamp")
    ('berlin', 'Lager 2', '')
    """
    if LOCATED not in item:
        return ""
    shown = item.rpartition(LOCATED)[2]
    if not shown.startswith(_ESCAPED):
        return shown
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), shown[1:].encode()).decode()
