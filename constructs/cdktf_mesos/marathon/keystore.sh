#!/bin/bash
# Makes the keystore for Marathon's https from the PEM files, each time that the container starts: Java does not read PEM.
# The keystore's password is random. Nobody sees it: it is in no argument, and in the variables of Marathon's process
# alone. Comes before marathon/start.sh.

CA_PEM=/etc/cdktf-mesos.ca.pem CERT_PEM=/etc/cdktf-mesos.cert.pem KEY_PEM=/etc/cdktf-mesos.key.pem
KEYSTORE_DIR=/tmp/cdktf-mesos.keystore

# or_end <command> …: runs a command that prints only if it fails; ends the container then.
or_end() {
    local why
    why=$("$@" 2>&1 < /dev/null) && return
    printf 'no keystore for https: %s: %s\n' "$1" "$why"
    exit 1
}

# keytool is not on PATH in every image with a Java.
find_keytool() {
    keytool=$(type -P keytool || type -P "${JAVA_HOME:-/usr}/bin/keytool") && type -P openssl > /dev/null && return
    echo "no keystore for https: this image must have the programs openssl and keytool"
    exit 1
}

# trust <keystore> <file with the password> <file with certificates>: adds each certificate, one by one. An instance
# trusts the leader, to which it forwards requests, because of these.
trust() {
    local line one='' number=0
    while IFS= read -r line || [ -n "$line" ]; do
        [[ $line != -----BEGIN\ * ]] || one=''
        one+=$line$'\n'
        [[ $line == -----END\ CERTIFICATE-----* ]] || continue
        number=$((number + 1))
        printf '%s' "$one" > "$1.pem"
        or_end "$keytool" -importcert -noprompt -alias "authority-$number" -file "$1.pem" -keystore "$1" \
            -storetype JKS -storepass:file "$2"
    done < "$3"
}

make_keystore() {
    local keytool store=$KEYSTORE_DIR/marathon.jks password=$KEYSTORE_DIR/password
    find_keytool
    umask 077
    # A container that is restarted has that of its last start.
    or_end rm -rf "$KEYSTORE_DIR"
    or_end mkdir "$KEYSTORE_DIR"
    or_end openssl rand -hex -out "$password" 24
    # Old releases of Java read no other encryption than this one.
    or_end openssl pkcs12 -export -name marathon -in "$CERT_PEM" -inkey "$KEY_PEM" -passout "file:$password" \
        -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out "$store.p12"
    # JKS is what Marathon's Jetty expects, and what every Java reads.
    or_end "$keytool" -importkeystore -noprompt -srckeystore "$store.p12" -srcstoretype PKCS12 \
        -srcstorepass:file "$password" -destkeystore "$store" -deststoretype JKS -deststorepass:file "$password"
    trust "$store" "$password" "$CA_PEM"
    export MESOSPHERE_KEYSTORE_PATH=$store MESOSPHERE_KEYSTORE_PASS
    read -r MESOSPHERE_KEYSTORE_PASS < "$password"
    or_end rm "$password" "$store.p12" "$store.pem"
}
make_keystore
