"""What a buyer is shown, priced."""

from mktcore.storefront.entry import Availability, StorefrontEntry, StorefrontPage
from mktcore.storefront.listing_filter import ListingFilter, PriceRange
from mktcore.storefront.listing_projection import Projection, ProjectionReport
from mktcore.storefront.ports import ListingSink
from mktcore.storefront.search_engine_listing import ListedPrice, Listing
from mktcore.storefront.seller_views import SellerView, ShownOffer, ViewPage, ViewRequest
from mktcore.storefront.use_cases import Storefront

__all__ = [
    "Availability",
    "ListedPrice",
    "Listing",
    "ListingFilter",
    "ListingSink",
    "PriceRange",
    "Projection",
    "ProjectionReport",
    "SellerView",
    "ShownOffer",
    "Storefront",
    "StorefrontEntry",
    "StorefrontPage",
    "ViewPage",
    "ViewRequest",
]
