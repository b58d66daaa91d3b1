#!/bin/bash
# What must be true on an agent's host before the agent is replaced; after executors.sh.
# In the environment: WORK_DIR of the agent; BEGIN_MINUTES, after which an executor without a process is not waited for.

# Nobody looks after the tasks of another incarnation, whichever it was, so they must have gone. What somebody has moved
# aside has another name.
settled() {
    local directory count run
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
}
