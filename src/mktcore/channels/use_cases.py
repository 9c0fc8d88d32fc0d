"""Channels as the operator writes them; everybody reads them."""

import attrs

from mktcore.access import Permission, check_operator
from mktcore.access.record_list import RecordList
from mktcore.channels.channel import CHANNELS, Channel
from mktcore.money import Currency, CurrencyMismatch
from mktcore.persistence import Scope, put
from mktcore.telemetry import watched

__all__ = ["Channels"]


@watched
@attrs.frozen(slots=False)
class Channels(RecordList[Channel]):
    """Sales channels; the operator's to write.

    Once one is kept, a cart that names a channel names one that is kept and open.

    Attributes:
        runtime: Where they are kept.
        currency: The market's.
    """

    kind, filters = CHANNELS, ()
    currency: Currency

    def save(self, channel: Channel, *, scope: Scope) -> Channel:
        """Store a channel, new (version 0) or changed, and return it as stored.

        Orders keep the terms that they were placed on.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            CurrencyMismatch: It sells in another currency than the market.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        if channel.currency != self.currency:
            raise CurrencyMismatch(self.currency.code, channel.currency.code)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, CHANNELS, channel))

    def remove(self, channel: Channel, *, scope: Scope) -> None:
        """Remove a channel: nobody shops in it any more, unless it was the last that is kept.

        Raises:
            PermissionDenied: The caller is not the operator's, or may not change the market.
            NotFound: It was removed.
            StaleVersion: Somebody changed it meanwhile.
        """
        check_operator(scope, Permission.MARKET)
        self.runtime.run(scope.to_operator(), lambda unit: unit.repository(CHANNELS).remove(channel))
