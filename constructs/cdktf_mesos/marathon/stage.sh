#!/bin/bash
# Whether Marathon may be brought to a stage of security. Comes after security/stage.sh.

# stage_follows: prints the reason if it may not. The masters may be one stage before it or after it: Marathon may be on
# their machines, and then comes to a stage together with them.
stage_follows() {
    local master running
    for master in $MASTERS; do
        running=$(stage_of_master "$master")
        ! has_no_stage "$master" "$running" || return 1
        [ -n "$running" ] || continue
        case $(($(number_of_stage "$running") - $(number_of_stage "$STAGE"))) in
            1 | 0 | -1) ;;
            *)
                echo "the master $master is at the stage $running, and this deploy is for $STAGE: go from stage to stage"
                return 1
                ;;
        esac
    done
}
