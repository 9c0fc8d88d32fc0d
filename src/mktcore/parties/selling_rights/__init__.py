"""Who may sell which product, and whose offers an order may take."""
