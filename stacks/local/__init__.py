"""The platform `local`: one existing engine."""
