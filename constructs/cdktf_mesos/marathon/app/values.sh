#!/bin/bash
# Functions that compare an app as Marathon has it with the app that is wanted, value by value.

# values <json>: prints a line for each value: its path, a tab and the value. For a list the value is its length, as
# [2], for an object the number of its names, as {2}. form.py writes the same lines for the wanted app.
values() {
    local LC_ALL=C IFS=/ rest=$1 token depth=0
    local kinds=("") keys=("") counts=(0)
    local pattern='^[[:space:]]*("([^"\\]|\\.)*"|[][{},:]|[^][{},:"[:space:]]+)'
    while [[ $rest =~ $pattern ]]; do
        token=${BASH_REMATCH[1]} rest=${rest:${#BASH_REMATCH[0]}}
        case $token in
        : | ,) continue ;;
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
            depth=$((depth + 1))
            kinds[depth]=$token keys[depth]="" counts[depth]=0
            ;;
        *)
            printf '%s\t%s\n' "${keys[*]:0:depth+1}" "$(plain "$token")"
            [ "${kinds[depth]}" != '{' ] || keys[depth]=""
            ;;
        esac
    done
}

# plain <value>: prints a value without what only one of two writers of JSON writes: the zeros in 1.0, and the \ in \/.
plain() {
    local value=$1
    if [[ $value =~ ^-?[0-9]+[.][0-9]+$ ]]; then
        while [[ $value == *0 ]]; do value=${value%0}; done
        value=${value%.}
    fi
    printf '%s' "${value//\\\//\/}"
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
