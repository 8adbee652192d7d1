#!/bin/sh
# Knot DNS with the yard's zones.
version=$(knotd --version)
case ${version##* } in
    [0-2].* | 3.[0-3] | 3.[0-3].*)
        echo "Knot ${version##* } has no DNS over TLS, which came with 3.4: Debian's package knot has it from trixie on" >&2
        exit 78
        ;;
esac
. "$(dirname "$0")/zones.sh"
{
    echo "server:"
    echo "  rundir: $dir"
    echo "  udp-workers: 1"
    echo "  tcp-workers: 1"
    for host in $hosts; do
        echo "  listen: $host@$WIREYARD_PORT"
        echo "  listen-tls: $host@$WIREYARD_TLS_PORT"
    done
    echo "  cert-file: $WIREYARD_CERTS/cert.pem"
    echo "  key-file: $WIREYARD_CERTS/key.pem"
    echo "database:"
    echo "  storage: $dir"
    echo "log:"
    echo "  - target: stderr"
    echo "    any: warning"
    echo "acl:"
    echo "  - id: yard"
    echo "    address: [127.0.0.0/8, ::1/128, ${WIREYARD_NET:-10.77}.0.0/16, ${WIREYARD_NET6:-fd77}::/64]"
    echo "    action: transfer"
    echo "template:"
    echo "  - id: default"
    echo "    storage: $dir/zones"
    echo "    file: \"%s.zone\""
    echo "    acl: yard"
    echo "    zonefile-sync: -1"
    echo "zone:"
    for zone in $zones; do echo "  - domain: $zone"; done
} >"$dir/knot.conf"
exec knotd -c "$dir/knot.conf"
