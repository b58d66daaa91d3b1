#!/bin/bash
# Runs a script on a machine of Marathon over ssh, or on this machine. Terraform runs this on the machine that deploys.
# In the environment: DESTINATION, the machine as ssh names it, or empty for this machine; OPTIONS for ssh, one word on
# each line; SCRIPT_THERE, the script; SETTINGS, bash that sets its variables and arguments.
if [ -z "$DESTINATION" ]; then
    bash -s <<< "$SETTINGS"$'\n'"$SCRIPT_THERE" >&2
    exit
fi
ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"
ssh "${ssh_options[@]}" -- "$DESTINATION" bash -s <<< "$SETTINGS"$'\n'"$SCRIPT_THERE" >&2
