#!/bin/sh
# Unbound, a resolver, answering the yard's zones from auth-zone files and nothing else.
. "$(dirname "$0")/zones.sh"
{
    echo "server:"
    echo "  username: \"\""
    echo "  chroot: \"\""
    echo "  directory: \"$dir\""
    echo "  pidfile: \"\""
    echo "  use-syslog: no"
    echo "  port: $WIREYARD_PORT"
    for host in $hosts; do
        echo "  interface: $host"
        echo "  interface: $host@$WIREYARD_TLS_PORT"
    done
    echo "  tls-port: $WIREYARD_TLS_PORT"
    echo "  tls-service-pem: \"$WIREYARD_CERTS/cert.pem\""
    echo "  tls-service-key: \"$WIREYARD_CERTS/key.pem\""
    echo "  access-control: 0.0.0.0/0 allow"
    echo "  access-control: ::0/0 allow"
    echo "  module-config: \"iterator\""
    echo "  do-not-query-localhost: yes"
    # Unbound keeps test. to itself (RFC 6761 6.2), and reverse zones of private networks.
    for zone in test 10.in-addr.arpa d.f.ip6.arpa $zones; do echo "  local-zone: \"$zone.\" nodefault"; done
    echo "remote-control:"
    echo "  control-enable: no"
    for zone in $zones; do
        echo "auth-zone:"
        echo "  name: \"$zone\""
        echo "  zonefile: \"$dir/zones/$zone.zone\""
        echo "  for-upstream: yes"
        echo "  for-downstream: yes"
    done
} >"$dir/unbound.conf"
exec unbound -d -c "$dir/unbound.conf"
