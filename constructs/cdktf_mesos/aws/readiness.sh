#!/bin/bash
# Waits until a new machine is what a cluster needs: run by Terraform on the machine that deploys.
# In the environment: NAME, ADDRESS, LOGIN and INSTANCE of the machine; OPTIONS for ssh, one word a line; PARAMETER and
# REGION of its published host key; HOST_KEY, the regular expression of such a key; SECONDS_AT_MOST.
set -u
LC_ALL=C                # else ranges of letters have more in them than HOST_KEY means

MAX_SKEW=5              # seconds, as in host.sh
CLOCK_SECONDS=60        # how long a new machine may take to set its clock

say() { echo "$NAME ($ADDRESS): $*" >&2; }

if ! command -v aws > /dev/null; then
    say "the aws command is not on this machine: install the AWS CLI"
    exit 1
fi

ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"

key="" answer="" clock_since=""
complaint=$(mktemp) || exit 1
trap 'rm -f "$complaint"' EXIT

# Sets key; false where there is none yet. Whoever may write the parameter could have ssh run commands by it, so nothing
# but a key goes on from here.
read_key() {
    key=$(aws ssm get-parameter --region "$REGION" --name "$PARAMETER" --query Parameter.Value --output text \
        2> "$complaint") || key=""
    if [ -z "$key" ] || [ "$key" = pending ]; then
        answer="no ssh host key in $PARAMETER (${key:-$(< "$complaint")}): cloud-init did not get there; \
aws ec2 get-console-output --region $REGION --instance-id $INSTANCE says how far it got"
        return 1
    fi
    if ! [[ $key =~ $HOST_KEY ]]; then
        say "$PARAMETER: found $(printf %q "$key"), wanted a host key, 'ssh-ed25519 AAAA…', which only the machine" \
            "itself may write: find out who wrote it (CloudTrail, PutParameter)"
        exit 1
    fi
}

# Sets answer; 0 where the machine is ready, 75 for "not yet", 255 where ssh did not get there, else what is wrong.
ask() {
    local before after code theirs skew=0
    before=$(date +%s)
    # The machine is told its own time: the time of a login is no difference between clocks. Of ssh's options the first
    # counts.
    answer=$(ssh -o "KnownHostsCommand=/bin/echo $ADDRESS $key" "${ssh_options[@]}" "$LOGIN@$ADDRESS" \
        'echo "clock=$(date +%s)"; /usr/local/sbin/cdktf-mesos-host check "$(date +%s)"' 2>&1)
    code=$?
    after=$(date +%s)
    theirs=$(grep -Eo -m 1 '^clock=[1-9][0-9]{0,14}' <<< "$answer")
    theirs=${theirs#clock=}
    answer=$(grep -v '^clock=' <<< "$answer")
    [ "$code" = 0 ] || return "$code"
    if [ -z "$theirs" ]; then
        answer="no time of day from it: $answer"
        return 75
    elif [ "$theirs" -lt "$before" ]; then
        skew=$((theirs - before))
    elif [ "$theirs" -gt "$after" ]; then
        skew=$((theirs - after))
    fi
    [ "${skew#-}" -gt "$MAX_SKEW" ] || return 0
    answer="clock: found $skew s from this machine's, wanted at most $MAX_SKEW s: chronyc tracking there; or it is this \
machine's that is wrong"
    # Its time server may set it yet.
    : "${clock_since:=$SECONDS}"
    [ "$((SECONDS - clock_since))" -ge "$CLOCK_SECONDS" ] || return 75
    return 1
}

while true; do
    # Each time: the parameter may have the key of an instance that was before, with the same generation.
    if read_key; then
        ask
        code=$?
        if [ "$code" = 0 ]; then
            say "$answer"
            exit 0
        elif [ "$code" != 75 ] && [ "$code" != 255 ]; then
            say "is not ready:"
            echo "$answer" >&2
            exit 1
        fi
    fi
    if [ "$SECONDS" -ge "$SECONDS_AT_MOST" ]; then
        say "not ready after $SECONDS s: $answer"
        exit 1
    fi
    sleep 2
done
