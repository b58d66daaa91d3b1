#!/bin/bash
# Whether an agent or a framework may be brought to a stage of security: only when all masters are there. Comes after
# security/stage.sh.

# stage_follows: prints the reason if it may not.
stage_follows() {
    local master running
    for master in $MASTERS; do
        running=$(stage_of_master "$master")
        ! has_no_stage "$master" "$running" || return 1
        if [ -n "$running" ] && [ "$running" != "$STAGE" ]; then
            echo "the master $master is at the stage $running, not yet at $STAGE: deploy the masters first"
            return 1
        fi
    done
}
