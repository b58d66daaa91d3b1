#!/bin/bash
# Before an instance of Marathon answers over https only, all instances answer over https. This asks what runs. Comes after
# tls/stage.sh and marathon/https.sh.

# tls_fits: prints the reason if one has none.
tls_fits() {
    local instance
    for instance in $MARATHONS; do
        if only_http "$instance" 2> /dev/null; then
            echo "the instance $instance has no https: deploy https=\"used\" first"
            return 1
        fi
    done
}
