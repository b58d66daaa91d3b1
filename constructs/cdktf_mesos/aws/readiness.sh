#!/bin/bash
# Waits until a new machine is what a cluster needs: run by Terraform on the machine that deploys.
# In the environment: NAME, ADDRESS, LOGIN and INSTANCE of the machine; OPTIONS for ssh, one word a line; PARAMETER and
# REGION of its published host key; SECONDS_AT_MOST.
set -u
say() { echo "$NAME ($ADDRESS): $*" >&2; }

if ! command -v aws > /dev/null; then
    say "the aws command is not on this machine: install the AWS CLI"
    exit 1
fi

# Where ssh keeps its shared connections; a machine that never used ssh has none.
mkdir -m 700 ~/.ssh 2> /dev/null

ssh_options=()
while IFS= read -r word; do ssh_options+=("$word"); done <<< "$OPTIONS"

while true; do
    # Each time anew: the parameter may have the key of an instance that was before, with the same generation.
    if key=$(aws ssm get-parameter --region "$REGION" --name "$PARAMETER" --query Parameter.Value --output text 2>&1) &&
        [ "$key" != pending ]; then
        # Of ssh's options the first counts.
        answer=$(ssh -o "KnownHostsCommand=/bin/echo $ADDRESS $key" "${ssh_options[@]}" "$LOGIN@$ADDRESS" \
            /usr/local/sbin/cdktf-mesos-host check "$(date +%s)" 2>&1)
        code=$?
        # 255 is ssh's own, 75 the machine's "not yet".
        if [ "$code" = 0 ]; then
            say "$answer"
            exit 0
        elif [ "$code" != 75 ] && [ "$code" != 255 ]; then
            say "is not ready:"
            echo "$answer" >&2
            exit 1
        fi
    else
        answer="no ssh host key in $PARAMETER ($key): cloud-init did not get there; aws ec2 get-console-output \
--region $REGION --instance-id $INSTANCE says how far it got"
    fi
    if [ "$SECONDS" -ge "$SECONDS_AT_MOST" ]; then
        say "not ready after $SECONDS s: $answer"
        exit 1
    fi
    sleep 2
done
