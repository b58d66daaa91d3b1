"""What every role has."""
