#!/bin/bash
# A member serves while a GET of HTTP_PATH answers 200.
serving() { http_ok "$1" "$HTTP_PATH"; }

# RELEASE_PATH is the path that says the release, or empty.
running_release() { [ -z "$RELEASE_PATH" ] || http_version "$1" "$RELEASE_PATH"; }
