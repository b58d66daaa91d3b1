"""The platform `local`: one engine that exists already."""
