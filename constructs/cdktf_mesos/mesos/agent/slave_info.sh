#!/bin/bash
# Reads the checkpoint of an agent's info: a protobuf message SlaveInfo (Mesos, include/mesos/mesos.proto) after four
# bytes with its length (stout, protobuf.hpp). The field numbers are the same in all releases.

declare -A reported
bytes=()             # the file's bytes
at=0 value=0         # the position of the next byte, and the number that was read last
field=0 from=0 to=0  # the field that was read last: its number, and where its content begins and ends

# read_info <file>: fills `reported`: hostname, port, domain, and for example "attribute rack" → text:a,
# "attribute level" → scalar:3, "resource cpus(*)" → scalar:4, "resource ports(web)" → ranges:31000-31999,
# "resource gpus(*)" → set:a,b, "resource disk(*)@/mnt/a" → scalar:1024. False if the file has another form.
read_info() {
    local end
    mapfile -t bytes < <(od -An -v -tu1 -w1 "$1" | tr -d ' ')
    at=4 end=${#bytes[@]}
    reported[port]=5051
    while next_field "$end"; do
        case $field in
            1) reported[hostname]=$(text "$from" "$to") ;;
            3) read_value resource "$from" "$to" || return 1 ;;
            5) read_value attribute "$from" "$to" || return 1 ;;
            8) reported[port]=$value ;;
            10) reported[domain]=$(domain "$from" "$to") ;;
        esac
    done
    [ "$at" = "$end" ] && [ -n "${reported[hostname]-}" ]
}

# next_field <end>: reads the next field of the message that ends before `end`. Sets `field` to the field's number. Sets
# `value` if its content is a number; otherwise the content is from `from` to before `to`.
next_field() {
    [ "$at" -lt "$1" ] || return 1
    varint
    field=$((value >> 3))
    case $((value & 7)) in
        0) varint ;;
        1) from=$at at=$((at + 8)) to=$at ;;
        2)
            varint
            from=$at at=$((at + value)) to=$at
            ;;
        *) return 1 ;;
    esac
    [ "$at" -le "$1" ]
}

varint() {
    local shift=0 byte=128
    value=0
    while [ "$byte" -ge 128 ]; do
        byte=${bytes[at]:-0}
        value=$((value | (byte & 127) << shift)) shift=$((shift + 7)) at=$((at + 1))
    done
}

# text <from> <to>: prints the bytes as text.
text() {
    local index escaped=
    for ((index = $1; index < $2; index++)); do printf -v escaped '%s\\x%02x' "$escaped" "${bytes[index]}"; done
    printf '%b' "$escaped"
}

# inner <field> <from> <to> [<field> …]: prints the text in a field of a message, or in a field of that field, and so
# on.
inner() {
    local wanted_field=$1 at=$2 end=$3
    shift 3
    while next_field "$end"; do
        if [ "$field" = "$wanted_field" ]; then
            if [ $# = 0 ]; then text "$from" "$to"; else inner "$1" "$from" "$to" "${@:2}"; fi
            return
        fi
    done
}

# domain <from> <to>: prints region/zone of a DomainInfo, whose fault_domain has both.
domain() { echo "$(inner 1 "$1" "$2" 1 1)/$(inner 1 "$1" "$2" 2 1)"; }

# number <from>: prints a double, rounded to three decimals, as Mesos compares it.
number() {
    local index exponent mantissa shift scaled
    exponent=$(((bytes[$1 + 7] & 127) << 4 | bytes[$1 + 6] >> 4))
    mantissa=$((bytes[$1 + 6] & 15 | (exponent ? 16 : 0)))
    for ((index = $1 + 5; index >= $1; index--)); do mantissa=$((mantissa << 8 | bytes[index])); done
    scaled=$((mantissa * 1000)) shift=$((1075 - exponent))
    if [ "$shift" -gt 62 ]; then
        scaled=0
    elif [ "$shift" -gt 0 ]; then
        scaled=$(((scaled >> shift) + (scaled >> (shift - 1) & 1)))
    fi
    decimal "$scaled"
}

# decimal <thousandths>: prints the number with its decimals.
decimal() {
    local text
    printf -v text '%d.%03d' "$(($1 / 1000))" "$(($1 % 1000))"
    while [[ $text == *.*0 ]]; do text=${text%0}; done
    echo "${text%.}"
}

# ranges <from> <to>: prints the ranges of a Value.Ranges, one on each line.
ranges() {
    local at=$1 end=$2 at_end first last
    while next_field "$end"; do
        local at_next=$at
        at=$from at_end=$to first=0 last=0
        while next_field "$at_end"; do
            case $field in 1) first=$value ;; 2) last=$value ;; esac
        done
        at=$at_next
        echo "$first-$last"
    done
}

# merged: prints the ranges on the standard input in their order, with commas between; those that touch become one
# range.
merged() {
    local first last begin='' end='' all=()
    while IFS=- read -r first last; do
        if [ -n "$begin" ] && [ "$first" -le $((end + 1)) ]; then
            [ "$last" -le "$end" ] || end=$last
        else
            [ -z "$begin" ] || all+=("$begin-$end")
            begin=$first end=$last
        fi
    done < <(sort -t - -k 1,1n)
    [ -z "$begin" ] || all+=("$begin-$end")
    (IFS=, && echo "${all[*]}")
}

# items <from> <to>: prints the items of a Value.Set, one on each line.
items() {
    local at=$1
    while next_field "$2"; do text "$from" "$to" && echo; done
}

# read_value <attribute or resource> <from> <to>: adds an attribute or resource to `reported`. The numbers of their
# fields: both have name 1, type 2, scalar 3 and ranges 4; an attribute has text 5; a resource has set 5, role 6, disk
# 7, and the reservations 13, which later releases write.
read_value() {
    local kind=$1 at=$2 end=$3 name='' role='*' disk='' content='' key
    while next_field "$end"; do
        case $kind:$field in
            *:1) name=$(text "$from" "$to") ;;
            *:3) content=scalar:$(number "$((to - 8))") ;;
            *:4) content=ranges:$(ranges "$from" "$to" | merged) ;;
            attribute:5) content=text:$(inner 1 "$from" "$to") ;;
            resource:5) content=set:$(items "$from" "$to" | sort | paste -s -d ,) ;;
            resource:6) role=$(text "$from" "$to") ;;
            resource:7) disk=$(inner 3 "$from" "$to" 2 1)$(inner 3 "$from" "$to" 3 1) ;;
            resource:13) role=$(inner 3 "$from" "$to") ;;
        esac
    done
    [ "$at" = "$end" ] && [ -n "$name" ] || return 1
    if [ "$kind" = attribute ]; then
        reported["attribute $name"]=$content
        return
    fi
    key="resource $name($role)${disk:+@$disk}"
    reported["$key"]=$(sum "${reported["$key"]-}" "$content")
}

# sum <value or nothing> <value>: prints the sum of two parts of one resource.
sum() {
    case ${1:+both}${2%%:*} in
        bothscalar) echo "scalar:$(decimal $(($(thousandths "${1#*:}") + $(thousandths "${2#*:}"))))" ;;
        bothranges) echo "ranges:$(tr , '\n' <<< "${1#*:},${2#*:}" | merged)" ;;
        bothset) echo "set:$(tr , '\n' <<< "${1#*:},${2#*:}" | sort | paste -s -d ,)" ;;
        *) echo "$2" ;;
    esac
}
