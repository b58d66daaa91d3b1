#!/bin/bash
# Checks that a Marathon that the masters know already has the wanted principal, before an instance is replaced. Follows
# role/ask.sh and questions.sh in the preflight's script.
# In the environment: WANTED, the principal that it is to have; FRAMEWORK_NAME, the name with which it registers; KNOWN_MASTERS
# and INSTANCES, the host:port of each master and of each instance of Marathon.

# get_of <host:port> <path>: prints the whole answer.
get_of() {
    local answer=''
    export PORT=${1##*:}
    http_get "${1%:*}" "$2" && printf '%s' "$answer"
}

# frameworks: prints a line for each framework in the answer of a master to /frameworks: its id, its name and its
# principal, or - for none, separated by tabs.
frameworks() {
    local token depth=0 list='' id='' name='' principal=-
    # Only brackets and the names and values that matter: an answer may have thousands of tasks.
    grep -Eo '"([^"\\]|\\.)*"(:"([^"\\]|\\.)*")?|[][{}]' | grep -E '^([][{}]|"(id|name|principal)":.*|"[a-z_]*frameworks")$' |
        while IFS= read -r token; do
            case $token in
                '[' | '{') depth=$((depth + 1)) ;;
                ']' | '}')
                    if [ "$depth" = 3 ] && [ "$list" = frameworks ]; then
                        printf '%s\t%s\t%s\n' "$id" "$name" "$principal"
                        id='' name='' principal=-
                    fi
                    depth=$((depth - 1))
                    ;;
                *'frameworks"') [ "$depth" != 1 ] || { list=${token#\"} && list=${list%\"}; } ;;
                *)
                    [ "$depth" = 3 ] && [ "$list" = frameworks ] || continue
                    [[ $token =~ ^\"([a-z]+)\":\"(.*)\"$ ]] && printf -v "${BASH_REMATCH[1]}" '%s' "${BASH_REMATCH[2]}"
                    ;;
            esac
        done
}

# own_id: prints the framework's id, if an instance of Marathon knows it.
own_id() {
    local instance answer
    for instance in $INSTANCES; do
        answer=$(asked get_of "$instance" /v2/info)
        [[ ! $answer =~ \"frameworkId\"\ *:\ *\"([^\"]+)\" ]] || { echo "${BASH_REMATCH[1]}" && return; }
    done
}

# Without a leading master nothing can be known. That is so in a cluster that is being formed: then fewer than half of the
# masters listen.
settled() {
    local master path answer known told='' listening=0 id name principal wanted_id
    for master in $KNOWN_MASTERS; do
        # Before 1.0 there is no such path, but the whole state has the same list.
        for path in /master/frameworks /master/state.json; do
            answer=$(asked get_of "$master" "$path" 2> /dev/null)
            [[ ! $answer =~ ^HTTP/[0-9.]+\ (401|403) ]] || {
                echo "the master $master does not tell its frameworks (${BASH_REMATCH[1]}): it is closed to this check"
                return 1
            }
            [[ $answer =~ ^HTTP/[0-9.]+\ 200 ]] && [[ $answer == *'frameworks"'* ]] || continue
            known=$(frameworks <<< "${answer#*$'\r\n\r\n'}")
            told=yes
            break 2
        done
        ! PORT=${master##*:} listening "${master%:*}" 2> /dev/null || listening=$((listening + 1))
    done
    if [ -z "$told" ] && [ $((listening * 2)) -gt "$(wc -w <<< "$KNOWN_MASTERS")" ]; then
        echo "no master tells its frameworks, so it is not known whether they may get the principal $WANTED"
        return 1
    fi
    [ -n "${known-}" ] || return 0
    wanted_id=$(own_id)
    while IFS=$'\t' read -r id name principal; do
        if [ -n "$wanted_id" ]; then [ "$id" = "$wanted_id" ] || continue; else [ "$name" = "$FRAMEWORK_NAME" ] || continue; fi
        [ "$principal" != "$WANTED" ] || continue
        [ "$principal" != - ] || principal="no principal"
        echo "the masters know the framework $name ($id) with $principal, and its principal cannot become $WANTED: from" \
            "1.9 on they refuse that (\"Changing framework's principal is not allowed\"), and before that the leading" \
            "master aborts (MESOS-2842). docs/security-marathon.md says how it gets one without losing tasks"
        return 2
    done <<< "$known"
}
