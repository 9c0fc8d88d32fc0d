"""Offers: one merchant's terms for one SKU, its stock, and which offer leads."""
