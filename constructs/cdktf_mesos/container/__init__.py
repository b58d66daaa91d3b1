"""The container of a member, and those that only check something."""
