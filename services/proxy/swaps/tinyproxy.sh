#!/bin/sh
# tinyproxy as the CONNECT proxy. Its filter knows names, not addresses, so the yard's policy is out of reach.
set -eu
dir=$(mktemp -d)
listen=
[ "$WIREYARD_ADDRESS" = '*' ] || listen="Listen $WIREYARD_ADDRESS"
cat >"$dir/tinyproxy.conf" <<CONF
Port $WIREYARD_PORT
$listen
Timeout 600
MaxClients 500
LogLevel Warning
DisableViaHeader Yes
CONF
exec tinyproxy -d -c "$dir/tinyproxy.conf"
