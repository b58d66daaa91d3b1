"""Moves an agent's tasks to other agents, before the agent leaves or is repaired."""
