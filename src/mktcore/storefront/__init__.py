"""What a buyer is shown, priced."""

from mktcore.storefront.seller_views import SellerView, ShownOffer, ViewPage, ViewRequest
from mktcore.storefront.use_cases import Storefront

__all__ = ["SellerView", "ShownOffer", "Storefront", "ViewPage", "ViewRequest"]
