"""The buy box: which of several offers of a SKU leads, by criteria that the operator chooses."""
