"""What a buyer is shown, priced."""

from mktcore.storefront.seller_views import PricedOffer, SellerView, ViewPage, ViewRequest
from mktcore.storefront.use_cases import Prices

__all__ = ["PricedOffer", "Prices", "SellerView", "ViewPage", "ViewRequest"]
