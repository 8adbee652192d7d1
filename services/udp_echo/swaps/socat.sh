#!/bin/sh
# socat as the UDP echo service: a process a datagram, which -T ends when there is nothing in it to read.
case $WIREYARD_ADDRESS in
    '*') listen="UDP6-RECVFROM:$WIREYARD_PORT,ipv6only=0" ;;
    *) listen="UDP4-RECVFROM:$WIREYARD_PORT,bind=$WIREYARD_ADDRESS" ;;
esac
exec socat -b 65536 -T 0.5 "$listen,fork,reuseaddr,rcvbuf=4194304" PIPE
