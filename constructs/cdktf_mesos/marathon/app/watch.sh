#!/bin/bash
# Watches an app, and ends when somebody has changed it in another way than by a deploy. Terraform's next plan then finds
# that this container does not run, and the next deploy restores the app. Comes after role/ask.sh, requests.sh and
# values.sh.
# Arguments: the app's id; the lines of its values; how often it looks, in seconds.
export LC_ALL=C
status=0 answer=""   # what `request` sets

# It is there as soon as the app was as wanted, and stays when the machine reboots.
SEEN=/tmp/app-was-as-wanted

# check: sets `why`, the differences; fails if Marathon did not answer.
check() {
    local idle='"deployments"[[:space:]]*:[[:space:]]*\[[[:space:]]*\]'
    request GET "/v2/apps$id"
    case $status in
    200)
        why=$(differences "$wanted" "$answer")
        # Marathon shows a new definition at once, also if its deployment will fail and be undone.
        if [ -z "$why" ] && [ ! -e "$SEEN" ] && [[ ! $answer =~ $idle ]]; then why="its deployment is under way"; fi
        ;;
    404) why="the app does not exist" ;;
    *) return 1 ;;
    esac
}

watch() {
    local id=$1 wanted=$2 pause=$3 why before=unknown
    find_limit_or_end "$id"
    while true; do
        if check && [ "$why" != "$before" ]; then
            if [ -z "$why" ]; then
                touch "$SEEN"
                echo "$id: as the program wants it"
            elif [ -e "$SEEN" ]; then
                rm "$SEEN"
                printf '%s: changed, but not by a deploy of the program:\n%s\n' "$id" "$why"
                exit 0
            else
                printf '%s: not yet as the program wants it:\n%s\n' "$id" "$why"
            fi
            before=$why
        fi
        sleep "$pause"
    done
}
watch "$@"
