#!/bin/bash
# What `cdktf-mesos status` asks a Mesos master besides master_questions.sh; see role/ask.sh.

standing() { if leading "$1"; then echo leading; else echo standby; fi; }

# What the leading master knows of its agents. Each answer follows a line with its path. Other masters would hand the
# question on to it (Mesos docs, /state-summary).
overview() {
    local path
    leading "$1" || return 0
    for path in /master/state-summary /maintenance/status; do
        printf '\nanswer %s\n' "$path"
        connect "$1" && http_request "$path" && cat <&3
    done
}
