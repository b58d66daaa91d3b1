#!/bin/bash
# Checks from another machine whether a machine's sets can do without it. Terraform runs it on the machine that deploys,
# before it ends the machine, and stops if it fails.
# In the environment: NAME of the machine; VANTAGE, the user and address of the machine that runs the check; OPTIONS for
# ssh, one word on each line; QUESTION, the script that the other machine runs; LOGIN_FILES, if the cluster has
# security: lines with a role and the file with the login to its members; TF_VAR_override_preflight, true to end the
# machine in any case.

[ "${TF_VAR_override_preflight-}" != true ] || exit 0

ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"
{
    # On standard input, so that no argument has the login.
    while read -r role file; do
        [ -z "$file" ] || printf 'LOGIN_OF_%s=%q\n' "$role" "$(< "$file")"
    done <<< "${LOGIN_FILES-}"
    printf '%s\n' "$QUESTION"
} | ssh "${ssh_options[@]}" "$VANTAGE" bash -s >&2 && exit 0
echo "$NAME is not ended: a member on another machine does not serve, or could not be asked (see above). Repair it" \
    "first. To end $NAME in any case, set TF_VAR_override_preflight=true in the environment." >&2
exit 1
