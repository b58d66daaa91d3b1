#!/bin/bash
# Waits until a new machine is ready for a cluster. Terraform runs it on the machine that deploys.
# In the environment: NAME, ADDRESS, LOGIN and INSTANCE of the machine; OPTIONS for ssh, one word on each line;
# PARAMETER and REGION of its published host key; HOST_KEY, the regular expression of such a key; SECONDS_AT_MOST.
set -u
LC_ALL=C                # in other locales [A-Z] may match more letters

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

# read_key: sets `key`; fails while there is no key yet. A malicious value of the parameter could make ssh run commands,
# so anything but a well-formed key ends the script.
read_key() {
    key=$(aws ssm get-parameter --region "$REGION" --name "$PARAMETER" --query Parameter.Value --output text \
        2> "$complaint") || key=""
    if [ -z "$key" ] || [ "$key" = pending ]; then
        answer="no ssh host key in $PARAMETER (${key:-$(< "$complaint")}): cloud-init did not get there; \
see aws ec2 get-console-output --region $REGION --instance-id $INSTANCE"
        return 1
    fi
    if ! [[ $key =~ $HOST_KEY ]]; then
        say "$PARAMETER: found $(printf %q "$key"), wanted a host key, 'ssh-ed25519 AAAA…', which only the machine" \
            "itself may write: find out who wrote it (CloudTrail, PutParameter)"
        exit 1
    fi
}

# ask: sets `answer`. Returns 0 if the machine is ready, 75 if it is not ready yet, 255 if ssh could not connect, and
# another code if the answer is a problem.
ask() {
    local before after code theirs skew=0
    before=$(date +%s)
    # The clocks are compared below, so the machine gets its own time here: the duration of the login would count as a
    # difference. KnownHostsCommand comes first, because ssh uses the first value of an option.
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
    answer="clock: found $skew s from this machine's, wanted at most $MAX_SKEW s: see chronyc tracking there; or \
the clock of this machine is wrong"
    # The machine's time server may still correct it.
    : "${clock_since:=$SECONDS}"
    [ "$((SECONDS - clock_since))" -ge "$CLOCK_SECONDS" ] || return 75
    return 1
}

while true; do
    # The key is read each time: at first the parameter may have that of an earlier instance of the same generation.
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
