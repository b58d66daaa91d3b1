"""The stand-in's name for itself, in its log and in every answer."""

NAME = "marathon stand-in for tests (not Marathon)"
