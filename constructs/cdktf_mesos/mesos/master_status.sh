#!/bin/bash
# Further functions for `cdktf-mesos status` of a Mesos master, in addition to master_questions.sh; see role/ask.sh.

standing() { if leading "$1"; then echo leading; else echo standby; fi; }

# What the leading master knows of its agents. A line with the path comes before each answer. Other masters would
# redirect the request to the leading one (Mesos docs, /state-summary).
overview() {
    local path
    leading "$1" || return 0
    for path in /master/state-summary /maintenance/status; do
        printf '\nanswer %s\n' "$path"
        connect "$1" && http_request "$path" && cat <&3
    done
}
