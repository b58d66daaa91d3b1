#!/bin/bash
# Functions that compare an app as Marathon has it with the app that is wanted, value by value.

# values <json>: prints a line for each value: its path, a tab and the value. For a list the value is its length, as
# [2], for an object the number of its names, as {2}. form.py writes the same lines for the wanted app. The tasks of an
# app are left out: they are no part of its definition, and may be many.
values() {
    local LC_ALL=C IFS=/ token plain depth=0 skipped=0
    local kinds=("") keys=("") counts=(0)
    local tokens='"([^"\\]|\\.)*"|[][{}]|[^][{},:"[:space:]]+'
    # grep finds the tokens, because bash takes seconds to cut them off a long text one by one.
    printf '%s' "$1" | grep -Eo "$tokens" | while IFS= read -r token; do
        if [ "$skipped" -gt 0 ]; then
            case $token in
            '[' | '{') skipped=$((skipped + 1)) ;;
            ']' | '}') skipped=$((skipped - 1)) ;;
            esac
            continue
        fi
        case $token in
        ']' | '}')
            token=${kinds[depth]}${counts[depth]}$token
            depth=$((depth - 1))
            printf '%s\t%s\n' "${keys[*]:0:depth+1}" "$token"
            [ "${kinds[depth]}" != '{' ] || keys[depth]=""
            continue
            ;;
        esac
        # In an object, a name comes first.
        if [ "${kinds[depth]}" = '{' ] && [ -z "${keys[depth]}" ]; then
            keys[depth]=$token counts[depth]=$((counts[depth] + 1))
            continue
        elif [ "${kinds[depth]}" = '[' ]; then
            keys[depth]=${counts[depth]} counts[depth]=$((counts[depth] + 1))
        fi
        case $token in
        '[' | '{')
            if [ "${keys[*]:0:depth+1}" = '/"app"/"tasks"' ]; then
                keys[depth]="" skipped=1
                continue
            fi
            depth=$((depth + 1))
            kinds[depth]=$token keys[depth]="" counts[depth]=0
            ;;
        *)
            plain "$token"
            printf '%s\t%s\n' "${keys[*]:0:depth+1}" "$plain"
            [ "${kinds[depth]}" != '{' ] || keys[depth]=""
            ;;
        esac
    done
}

# plain <value>: sets `plain`, the value without what only one of two writers of JSON writes: the zeros in 1.0, and the
# \ in \/.
plain() {
    plain=$1
    if [[ $plain =~ ^-?[0-9]+[.][0-9]+$ ]]; then
        while [[ $plain == *0 ]]; do plain=${plain%0}; done
        plain=${plain%.}
    fi
    plain=${plain//\\\//\/}
}

# value <path> <lines>: prints the value with this path, without its quotes; nothing if there is none.
value() {
    local line
    while IFS= read -r line; do
        [ "${line%%$'\t'*}" = "$1" ] || continue
        line=${line#*$'\t'} line=${line%\"}
        echo "${line#\"}"
        return
    done <<< "$2"
}

# differences <wanted lines> <json>: prints a line for each wanted value that the JSON does not have. An empty list or
# object may also be missing.
differences() {
    local line path found known
    known=$'\n'$(values "$2")$'\n'
    while IFS= read -r line; do
        [[ $known != *$'\n'"$line"$'\n'* ]] || continue
        path=${line%%$'\t'*} found=nothing
        if [[ $known == *$'\n'"$path"$'\t'* ]]; then
            found=${known#*$'\n'"$path"$'\t'} found=${found%%$'\n'*}
        elif [[ $line == *$'\t'[[\{]0[]\}] ]]; then
            continue
        fi
        path=${path//\"/}
        echo "${path#/app/}: wanted ${line#*$'\t'}, found $found"
    done <<< "$1"
}
