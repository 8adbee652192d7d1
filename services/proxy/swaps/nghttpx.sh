#!/bin/sh
# nghttpx as the proxy over HTTP/1.1, TLS and HTTP/2. It dials nothing itself: behind it stands squid, with the policy.
set -eu
dir=$(mktemp -d)
inner=$((WIREYARD_PORT + 10000))
WIREYARD_ADDRESS=127.0.0.1 WIREYARD_PORT=$inner WIREYARD_TLS_PORT=$((inner + 1)) sh "$(dirname "$0")/squid.sh" &
case $WIREYARD_ADDRESS in
    '*') at='*' ;;
    *) at=$WIREYARD_ADDRESS ;;
esac
exec nghttpx --conf=/dev/null --http2-proxy --workers=1 --single-process --no-ocsp \
    --frontend="$at,$WIREYARD_PORT;no-tls" --frontend="$at,$WIREYARD_TLS_PORT" --backend="127.0.0.1,$inner" \
    --errorlog-file="$dir/error.log" "$WIREYARD_CERTS/key.pem" "$WIREYARD_CERTS/cert.pem"
