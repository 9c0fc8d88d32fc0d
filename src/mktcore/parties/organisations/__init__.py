"""The organisations that deal with each other: merchants, buyers, and what is known of them."""
