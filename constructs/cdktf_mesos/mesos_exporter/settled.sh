#!/bin/bash
# The condition of an exporter that needs a password, before its container is made.
# In the environment: CREDENTIALS_FILE, the file's path on the machine; SEEN_AT, its path here.
settled() {
    local line=
    { read -r line < "$SEEN_AT" || [ -n "$line" ]; } 2> /dev/null
    if [[ $line =~ ^[^:]+:.+$ ]]; then return; fi
    echo "$CREDENTIALS_FILE is not a file that begins with a line user:password: put it there"
    return 2
}
