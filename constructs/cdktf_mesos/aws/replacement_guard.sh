#!/bin/bash
# Asks from another machine whether a machine's sets can do without it: run by Terraform, where it deploys, before it
# ends the machine. It goes no further where this fails.
# In the environment: NAME of the machine; VANTAGE, the user and address of the machine that asks; OPTIONS for ssh, one
# word a line; for each set, from 1 on, QUESTION_<n>, a script, and ARGUMENTS_<n>, its arguments, one a line;
# TF_VAR_override_preflight, true to end the machine in any case.

[ "${TF_VAR_override_preflight-}" != true ] || exit 0

# The questions as one script, so that one login is enough: each with its arguments, in a subshell of its own.
questions() {
    local number=1 question arguments argument
    while question=QUESTION_$number arguments=ARGUMENTS_$number && [ -n "${!question-}" ]; do
        printf '(\nset --'
        while IFS= read -r argument; do printf ' %q' "$argument"; done <<< "${!arguments}"
        printf '\n%s\n) || exit 1\n' "${!question}"
        number=$((number + 1))
    done
}

ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"
ssh "${ssh_options[@]}" "$VANTAGE" bash -s <<< "$(questions)" >&2 && exit 0
echo "$NAME stays: not every other member of its sets is known to be healthy. Mend them first;" \
    "TF_VAR_override_preflight=true in the environment ends it all the same" >&2
exit 1
