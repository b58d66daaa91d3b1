"""What the stand-in calls itself, in its log and in every answer."""

NAME = "marathon stand-in for tests (not Marathon)"
