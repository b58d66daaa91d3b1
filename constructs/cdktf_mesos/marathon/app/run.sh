#!/bin/bash
# Runs a script on a machine of Marathon over ssh, or on this machine. Terraform runs this on the machine that deploys.
# In the environment: DESTINATION, the machine as ssh names it, or empty for this machine; OPTIONS for ssh, one word on
# each line; SCRIPT_THERE, the script; SETTINGS, bash that sets its variables and arguments; optionally LOGIN_FILE, a file
# with the login to Marathon as HTTP sends it. All this goes to the machine by standard input, not as arguments.
if [ -n "${LOGIN_FILE-}" ]; then
    login=""
    read -r login < "$LOGIN_FILE" || [ -n "$login" ] || { echo "$LOGIN_FILE cannot be read: it has the login to Marathon" && exit 1; }
    SETTINGS+=$'\n'"export AUTHORIZATION='Basic $login'"
    unset LOGIN_FILE
fi
if [ -z "$DESTINATION" ]; then
    bash -s <<< "$SETTINGS"$'\n'"$SCRIPT_THERE" >&2
    exit
fi
ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"
ssh "${ssh_options[@]}" -- "$DESTINATION" bash -s <<< "$SETTINGS"$'\n'"$SCRIPT_THERE" >&2
