#!/bin/bash
# The check on an agent's host before the agent is replaced. Follows executors.sh and checkpoint.sh in the preflight's
# script.
# In the environment: WORK_DIR, the agent's work directory; GIVE_UP_MINUTES, the age in minutes from which nobody waits
# for an executor without a process; INFO, the info that the agent is to report, as same_info takes it; ADDITIVE,
# whether the agent may add something to what its predecessor reported, yes or no; WAYS_OUT, what to do if it reports
# something else.

# No agent would look after the tasks of other incarnations, so none of these may be left. A directory that somebody has
# moved aside has another name and does not count.
settled() {
    local directory count run differences
    for directory in "${WORK_DIR%/*}"/work*; do
        [[ $directory != "$WORK_DIR" && $directory =~ /work(-[0-9]+)?$ ]] || continue
        count=$(executor_runs "$directory" | wc -l)
        if [ "$count" != 0 ]; then
            echo "$directory has $count executors: drain the agent first. If none of them runs any more, rename the directory"
            return 1
        fi
    done
    if run=$(starting_run "$WORK_DIR" "$GIVE_UP_MINUTES"); then
        echo "the executor of $run is starting, and a new agent could not find it again"
        return 1
    fi
    if ! differences=$(same_info "$WORK_DIR" "$INFO" "$ADDITIVE"); then
        echo "the agent would exit at once, as its predecessor in $WORK_DIR reported something else: $differences. $WAYS_OUT"
        return 2
    fi
}
