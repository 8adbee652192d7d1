# Sourced by the scripts beside it: $dir with the yard's zones in $dir/zones, $zones their names, $hosts where to listen.
set -eu
dir=$(mktemp -d)
python3 -m services.dns.reference.export "$dir/zones" >/dev/null
zones=$(cd "$dir/zones" && for file in *.zone; do echo "${file%.zone}"; done)
case $WIREYARD_ADDRESS in
    '*') hosts='0.0.0.0 ::' ;;
    *) hosts=$(echo "$WIREYARD_ADDRESS" | tr ',' ' ') ;;
esac
