"""How a merchant comes in, and where it is in its life on the marketplace."""
