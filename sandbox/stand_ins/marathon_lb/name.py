"""The stand-in's name for itself, in its log and in haproxy's configuration."""

NAME = "marathon-lb generator stand-in for tests (not marathon-lb)"
