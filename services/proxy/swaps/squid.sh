#!/bin/sh
# squid as the CONNECT proxy: no cache, the allow-list as ACLs on the address that is dialled.
set -eu
case $(squid -v) in
    *--with-openssl*) ;;
    *)
        echo "this squid is built without OpenSSL and presents no chain of certificates: Debian's package squid-openssl does" >&2
        exit 78
        ;;
esac
dir=$(mktemp -d)
case $WIREYARD_ADDRESS in
    '*') at= ;;
    *) at="$WIREYARD_ADDRESS:" ;;
esac
# ADDRESS:PORT lines (the embedded yard's own endpoints) and networks, each as an ACL of its own.
acls=$(echo "$WIREYARD_ALLOW" | tr ',' '\n' | awk '
    /\// { print "acl yard dst " $0; networks = 1; next }
    /:/ { n++; split($0, at, ":"); print "acl a" n " dst " at[1] "\nacl p" n " port " at[2] "\nhttp_access allow CONNECT a" n " p" n }
    END { if (networks) print "http_access allow CONNECT yard" }')
cat >"$dir/squid.conf" <<CONF
http_port $at$WIREYARD_PORT
https_port $at$WIREYARD_TLS_PORT tls-cert=$WIREYARD_CERTS/cert.pem tls-key=$WIREYARD_CERTS/key.pem
visible_hostname proxy.wireyard.test
pid_filename $dir/squid.pid
cache deny all
cache_mem 8 MB
access_log none
cache_log $dir/cache.log
coredump_dir $dir
netdb_filename none
pinger_enable off
shutdown_lifetime 1 seconds
half_closed_clients on
connect_timeout 10 seconds
$acls
http_access deny all
CONF
exec squid -N -f "$dir/squid.conf"
