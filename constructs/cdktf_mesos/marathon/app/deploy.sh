#!/bin/bash
# Creates or changes an app, and waits until its deployment is done. Comes after role/ask.sh, requests.sh and values.sh.
# Arguments: the app's id; its definition, as JSON; the lines of its values; how long this may take, in seconds.
export LC_ALL=C
status=0 answer=""   # what `request` sets

# How long Marathon may take to undo a deployment, in seconds.
UNDO_SECONDS=60

in_time() { [ "$SECONDS" -lt "$limit_seconds" ]; }

# problem: prints what Marathon says in `answer`: the message, and for an invalid app its details.
problem() {
    local details
    details=$(text_of message)
    echo "${details:-$answer}"
    [[ $answer != *'"details"'* ]] || echo "${answer#*\"details\":}"
}

# put: sets `deployment` and `version`. Waits while another deployment has locked the app, or there is no leader.
put() {
    local waiting=""
    while true; do
        # Else Marathon would keep fields that the new definition no longer has. Before 1.4 it does so in any case.
        request PUT "/v2/apps$id?partialUpdate=false" "$definition"
        case $status in
        200 | 201)
            deployment=$(text_of deploymentId) version=$(text_of version)
            return
            ;;
        # No leader yet; locked by a deployment; too many deployments.
        0 | 409 | 403 | 50[0-9]) ;;
        *)
            echo "$id: Marathon refuses the app ($status): $(problem)"
            exit 1
            ;;
        esac
        if ! in_time; then
            echo "$id: Marathon does not accept the app ($status): $(problem)"
            [ "$status" != 409 ] || echo "$id: if that deployment cannot end, send DELETE /v2/deployments/<its id> to" \
                "Marathon, and deploy again"
            exit 1
        fi
        [ -n "$waiting" ] || echo "$id: waits for Marathon ($status): $(problem)"
        waiting=yes
        sleep 2
    done
}

# runs: whether the deployment is among those that Marathon has not completed.
runs() {
    request GET /v2/deployments
    [ "$status" != 200 ] || [[ $answer == *"\"$1\""* ]]
}

# reasons: prints why the app's tasks do not run, as far as Marathon knows.
reasons() {
    local lines app failure entry="" line summary at=0 reason
    request GET "/v2/apps$id"
    lines=$(values "$answer")
    app='/"app"' failure='/"app"/"lastTaskFailure"'
    echo "tasks: $(value "$app/\"instances\"" "$lines") wanted, $(value "$app/\"tasksRunning\"" "$lines") running," \
        "$(value "$app/\"tasksStaged\"" "$lines") staged, $(value "$app/\"tasksUnhealthy\"" "$lines") unhealthy"
    if [ -n "$(value "$failure/\"state\"" "$lines")" ]; then
        echo "last failure: $(value "$failure/\"state\"" "$lines") on $(value "$failure/\"host\"" "$lines") at" \
            "$(value "$failure/\"timestamp\"" "$lines"): $(value "$failure/\"message\"" "$lines")"
    fi
    request GET /v2/queue
    lines=$(values "$answer")
    while IFS= read -r line; do
        [[ $line != */\"app\"/\"id\"$'\t'"\"$id\"" ]] || entry=${line%%/\"app\"*}
    done <<< "$lines"
    summary="$entry/\"processedOffersSummary\"/\"rejectSummaryLastOffers\""
    while reason=$(value "$summary/$at/\"reason\"" "$lines") && [ -n "$reason" ]; do
        line=$(value "$summary/$at/\"declined\"" "$lines")
        [ "$line" = 0 ] || echo "offers declined: $reason, $line"
        at=$((at + 1))
    done
}

# undo <deployment>: ends the deployment by another one that restores what was there before. An app with a deployment is
# locked.
undo() {
    local until=$((SECONDS + UNDO_SECONDS)) is_ended=""
    while true; do
        if [ -z "$is_ended" ]; then
            request DELETE "/v2/deployments/$1"
            case $status in
            # Not found: it has ended by itself.
            200 | 202 | 404) is_ended=yes ;;
            esac
        else
            request GET /v2/deployments
            if [ "$status" = 200 ] && [[ $answer != *"\"$id\""* ]]; then
                echo "$id: the deployment was undone"
                return
            fi
        fi
        if [ "$SECONDS" -ge "$until" ]; then
            echo "$id: the deployment could not be undone in $UNDO_SECONDS s ($status): $(problem)"
            return
        fi
        sleep 1
    done
}

# all_run: whether all tasks run, and are healthy if there are health checks. Asks for the app, and sets `lines`.
all_run() {
    local app='/"app"' wanted counted=tasksRunning running
    request GET "/v2/apps$id"
    [ "$status" = 200 ] || return
    lines=$(values "$answer")
    wanted=$(value "$app/\"instances\"" "$lines")
    case $(value "$app/\"healthChecks\"" "$lines") in '' | '[0]') ;; *) counted=tasksHealthy ;; esac
    running=$(value "$app/\"$counted\"" "$lines")
    [ "${running:-0}" -ge "${wanted:-1}" ]
}

deploy() {
    local id=$1 definition=$2 wanted=$3 limit_seconds=$4 deployment version was_seen="" lines missing
    # If the one who deploys is gone, the deployment must still be undone.
    trap '' HUP PIPE
    find_limit_or_end "$id"
    put
    while runs "$deployment"; do
        was_seen=yes
        if ! in_time; then
            echo "$id: not deployed after $SECONDS s"
            reasons
            undo "$deployment"
            exit 1
        fi
        sleep 1
    done
    # A new leader of Marathon may not know its deployments yet, and a task may end as soon as it runs.
    until all_run || [ "$status" = 404 ]; do
        if ! in_time; then
            echo "$id: deployed, but not all tasks run after $SECONDS s ($status)"
            reasons
            exit 1
        fi
        sleep 1
    done
    missing=$(differences "$wanted" "$answer")
    if [ -z "$missing" ]; then
        echo "$id: deployed, tasks running: $(value '/"app"/"tasksRunning"' "$lines")"
    elif [ "$status" = 200 ] && { [[ $answer == *"\"$version\""* ]] || [ -z "$was_seen" ]; }; then
        # The definition is in force, but Marathon writes it in another form.
        printf '%s: deployed. Changes by hand will not be noticed, because Marathon answers:\n%s\n' "$id" "$missing"
    else
        printf '%s: somebody has ended the deployment. Marathon has another app now:\n%s\n' "$id" "$missing"
        exit 1
    fi
}
deploy "$@"
