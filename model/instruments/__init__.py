"""Two-sided contracts, a noun a file."""
