#!/bin/sh
# BIND 9 with the yard's zones, authoritative only.
. "$(dirname "$0")/zones.sh"
four=none six=none
for host in $hosts; do
    case $host in
        ::) six=any ;;
        *:*) six=$host ;;
        0.0.0.0) four=any ;;
        *) four=$host ;;
    esac
done
{
    echo "options {"
    echo "  directory \"$dir\";"
    echo "  pid-file none;"
    echo "  session-keyfile none;"
    echo "  managed-keys-directory \"$dir\";"
    echo "  recursion no;"
    echo "  dnssec-validation no;"
    echo "  minimal-any yes;"
    echo "  empty-zones-enable no;"
    echo "  allow-transfer { 127.0.0.0/8; ::1; ${WIREYARD_NET:-10.77}.0.0/16; ${WIREYARD_NET6:-fd77}::/64; };"
    echo "  listen-on port $WIREYARD_PORT { $four; };"
    echo "  listen-on-v6 port $WIREYARD_PORT { $six; };"
    echo "  listen-on port $WIREYARD_TLS_PORT tls yard { $four; };"
    echo "  listen-on-v6 port $WIREYARD_TLS_PORT tls yard { $six; };"
    echo "  response-padding { any; } block-size 468;"
    echo "};"
    echo "tls yard { cert-file \"$WIREYARD_CERTS/cert.pem\"; key-file \"$WIREYARD_CERTS/key.pem\"; };"
    echo "controls { };"
    for zone in $zones; do
        echo "zone \"$zone\" { type primary; file \"$dir/zones/$zone.zone\"; check-names ignore; };"
    done
} >"$dir/named.conf"
exec named -g -n 1 -c "$dir/named.conf"
