#!/bin/bash
# Whether a master may be brought to a stage of security. Comes after security/stage.sh.
# In the environment: SHOWS_PRINCIPALS, whether the masters' release shows the principals of frameworks, yes or no.

# stage_follows: prints the reason if it may not.
stage_follows() {
    local master running from=open reached=no wanted
    wanted=$(number_of_stage "$STAGE")
    for master in $MASTERS; do
        running=$(stage_of_master "$master")
        ! has_no_stage "$master" "$running" || return 1
        [ "$running" != "$STAGE" ] || reached=yes
        [ -n "$running" ] && [ "$running" != "$STAGE" ] || continue
        from=$running
        case $(($(number_of_stage "$running") - wanted)) in
            1 | -1) ;;
            *)
                echo "$master is at the stage $running, and this deploy is for $STAGE: go from stage to stage"
                return 1
                ;;
        esac
    done
    # No master changes its stage. Perhaps none leads: a set that grows from one master has none for a while.
    [ "$reached" != yes ] || [ "$from" != open ] || return 0
    case $STAGE in
        required) all_agents yes && frameworks_have_principals ;;
        # An agent with a credential ends if it meets a master that has none.
        open) [ "$from" = open ] || all_agents no ;;
    esac
}

# all_agents <yes or no>: whether each agent that the leading master lists is active, and has a credential or has none.
all_agents() {
    local answer entry agent flags has
    answer=$(leading_page /slaves) || { [ "$(running_masters)" = 0 ] && return; no_leader; return 1; }
    # An entry's `pid` is slave(1)@<address>:<port>.
    while read -r agent; do
        [ -n "$agent" ] || continue
        flags=$(PORT=${agent##*:} asked page "${agent%:*}" /flags 2> /dev/null)
        if [[ ! $flags =~ ^HTTP/[0-9.]+\ 200 ]]; then
            echo "the agent $agent does not tell whether it authenticates$(answered_with "$flags")"
            return 1
        fi
        has=no
        [[ ! $flags =~ \"credential\":\" ]] || has=yes
        if [ "$has" != "$1" ]; then
            entry="has no credential yet, and masters would refuse it: deploy the stage used to all agents first"
            [ "$1" = yes ] || entry="still has a credential, and ends without masters that know it: take it back first"
            echo "the agent $agent $entry"
            return 1
        fi
    done < <(grep -oE '"pid":"[^"]*"' <<< "$answer" | sed -E 's/.*@([^"]*)"/\1/')
    if [ "$1" = yes ] && grep -Eq '"active":false' <<< "$answer" && ! grep -Eq '"deactivated":true' <<< "$answer"; then
        echo "an agent that the leading master lists is not active: repair it first"
        return 1
    fi
}

# frameworks_have_principals: whether each framework that the leading master lists has a principal. It is written after
# a field that only frameworks have (Mesos, src/master/http.cpp, from 0.28 on). Frameworks of the past come last.
frameworks_have_principals() {
    local answer before='"unregistered_time":'
    [ "$SHOWS_PRINCIPALS" = yes ] || return 0
    answer=$(leading_page /frameworks) || { [ "$(running_masters)" = 0 ] && return; no_leader; return 1; }
    answer=${answer%%\"completed_frameworks\"*}
    if grep -oE "${before}[^,]*,(\"principal\":\"[^\"]+)?" <<< "$answer" | grep -vq principal; then
        echo "a framework has no principal, and masters would refuse it: see docs/security.md"
        return 1
    fi
}

running_masters() {
    local master count=0
    for master in $MASTERS; do
        ! PORT=$MASTERS_PORT listening "$master" 2> /dev/null || count=$((count + 1))
    done
    echo "$count"
}

no_leader() { echo "no master answers what it knows of its agents and frameworks"; }

# answered_with <answer>: the status, in brackets.
answered_with() { [[ ! $1 =~ ^HTTP/[0-9.]+\ ([0-9]+) ]] || echo " (${BASH_REMATCH[1]})"; }
