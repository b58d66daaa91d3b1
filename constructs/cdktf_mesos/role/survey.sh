#!/bin/bash
# Asks all members of a set about the set. Comes after role/ask.sh and the component's questions.

# survey <member> …: counts the members that listen and those that serve. Of the lists of members that serving members
# have, it finds the lengths of the shortest (`fewest_known`) and of the longest (`most_known`). The shortest is never
# more than the number of members given, and is that number if no member tells its list.
survey() {
    local member line count
    listening_count=0 serving_count=0 fewest_known=$# most_known=0
    # shellcheck disable=SC2034 # may_be_replaced.sh reads it
    known_places=()
    for member in "$@"; do
        listening "$member" || continue
        listening_count=$((listening_count + 1))
        asked serving "$member" || continue
        serving_count=$((serving_count + 1))
        has_question known_members || continue
        count=0
        while read -r line; do
            count=$((count + 1))
            [ -z "$line" ] || known_places+=("$line")
        done < <(asked known_members "$member")
        [ "$count" -le "$most_known" ] || most_known=$count
        [ "$count" = 0 ] || [ "$count" -ge "$fewest_known" ] || fewest_known=$count
    done
}

# being_formed <how many must be there before the first can serve>: no member serves, and too few of them listen.
being_formed() { [ "$serving_count" = 0 ] && [ "$listening_count" -lt "$1" ]; }

# growing <how many members the set is to have>: some members that serve still have the list of a smaller set, and those
# that serve are too few for a majority of the new set.
growing() { [ "$fewest_known" -lt "$1" ] && [ "$serving_count" -lt $(($1 / 2 + 1)) ]; }
