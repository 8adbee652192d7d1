#!/bin/sh
# socat as the TCP echo service: a process a connection, `cat` keeping the half-close.
case $WIREYARD_ADDRESS in
    '*') listen="TCP6-LISTEN:$WIREYARD_PORT,ipv6only=0" ;;
    *) listen="TCP4-LISTEN:$WIREYARD_PORT,bind=$WIREYARD_ADDRESS" ;;
esac
exec socat "$listen,fork,reuseaddr,backlog=1024,max-children=600" EXEC:cat
