"""Which buyers can order from which merchants."""
