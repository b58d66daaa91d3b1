"""Which releases can run together, and which release may follow which."""
