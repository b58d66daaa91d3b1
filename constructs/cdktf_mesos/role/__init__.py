"""The base class of all roles, and the parts that every role has."""
