"""Which releases go together, and which may follow which."""
