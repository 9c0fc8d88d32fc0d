"""Price approvals: orders whose price is not the merchant's current one, and who lets them pass."""
