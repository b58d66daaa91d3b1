#!/bin/bash
# What must be true on an agent's host before the agent is replaced; after executors.sh and checkpoint.sh.
# In the environment: WORK_DIR of the agent; BEGIN_MINUTES, after which an executor without a process is not waited for;
# INFO, what the agent is to report of itself, as same_info wants it; ADDITIVE, whether things may be added to what its
# predecessor reported, yes or no; WAYS_OUT, what to do where it reports something else.

# Nobody looks after the tasks of another incarnation, whichever it was, so they must have gone. What somebody has moved
# aside has another name.
settled() {
    local directory count run differences
    for directory in "${WORK_DIR%/*}"/work*; do
        [[ $directory != "$WORK_DIR" && $directory =~ /work(-[0-9]+)?$ ]] || continue
        count=$(executor_runs "$directory" | wc -l)
        if [ "$count" != 0 ]; then
            echo "$directory: $count executors: drain the agent first; if they are gone, move it aside"
            return 1
        fi
    done
    if run=$(beginning "$WORK_DIR" "$BEGIN_MINUTES"); then
        echo "$run begins, and could not be found again"
        return 1
    fi
    if ! differences=$(same_info "$WORK_DIR" "$INFO" "$ADDITIVE"); then
        echo "the agent would end at once, as its predecessor in $WORK_DIR reported something else: $differences. $WAYS_OUT"
        return 2
    fi
}
