"""Agreements between the operator and the merchants, by period."""
