#!/bin/bash
# The questions for any component with HTTP (role/ask.sh). A member serves while a GET request for HTTP_PATH gets the
# status 200.
serving() { http_ok "$1" "$HTTP_PATH"; }

# RELEASE_PATH is the path whose answer has the release, or empty.
running_release() { [ -z "$RELEASE_PATH" ] || http_version "$1" "$RELEASE_PATH"; }
