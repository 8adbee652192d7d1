"""Where the service listens beside its IPv4 address: IPv6, and a multicast group."""

from __future__ import annotations

import socket

import pytest

from clients.udp import open_datagrams
from lab.topology import Endpoint
from tests.support.yard import Yard
from tests.udp_echo.conftest import Open

rfc, feature = pytest.mark.rfc, pytest.mark.feature

GROUP = "239.77.0.7"


@feature("ipv6", "echo")
@rfc("8200", "8.1")
async def test_over_ipv6(yard: Yard, service: Endpoint) -> None:
    """The same service at its other address, where UDP has a checksum without exception."""
    with await open_datagrams(yard.ipv6("udp-echo"), service.port) as datagrams:
        assert (await datagrams.echo(b"over IPv6")).data == b"over IPv6"


@feature("multicast")
@rfc("1112", "6.1")
async def test_a_group_is_answered_from_a_hosts_own_address(opened: Open, service: Endpoint) -> None:
    """A group address is never the source of a datagram."""
    here = await opened()
    with await open_datagrams(GROUP, service.port, connected=False) as datagrams:
        interface = socket.inet_aton(here.local[0])
        datagrams.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
        answer = await datagrams.echo(b"to all of you")
    assert (answer.data, answer.source) == (b"to all of you", (service.address, service.port))
