#!/bin/bash
# A member serves while a GET of HTTP_PATH answers 200.
serving() { http_ok "$1" "$HTTP_PATH"; }
