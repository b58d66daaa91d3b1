"""Apps on Marathon, frameworks among them."""
