"""Name servers side by side, each with the same zone, over UDP, over TCP, and at half of what each can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench import checks, loads, programs
from bench.model import Load, Peer, Row

_KNOT = """
server:
    listen: 127.0.0.1@{port}
    rundir: {dir}
    udp-workers: 1
    tcp-workers: 1
database:
    storage: {dir}
zone:
  - domain: bench.test
    file: {dir}/bench.test.zone
"""

_UNBOUND = """
server:
    directory: "{dir}"
    chroot: ""
    username: ""
    pidfile: ""
    interface: 127.0.0.1@{port}
    do-daemonize: no
    num-threads: 1
    module-config: "iterator"
    use-syslog: no
    so-rcvbuf: 4m
    local-zone: "test." nodefault
remote-control:
    control-enable: no
auth-zone:
    name: bench.test.
    zonefile: "{dir}/bench.test.zone"
    for-upstream: no
"""
_DNSMASQ = """
port={port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
addn-hosts={dir}/hosts
local=/bench.test/
local-ttl=300
user=root
pid-file
"""


def bench_zone(names: int) -> str:
    """A zone of `names` addresses, n0 to n…, in the form that every peer reads."""
    head = "@ 300 IN SOA ns host 1 3600 600 604800 60\n@ 300 IN NS ns\nns 300 IN A 192.0.2.1\n"
    return head + "".join(f"n{i} 300 IN A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(names))


def rows() -> list[Row]:
    """Over UDP with few names and many, at half the peak, and over TCP."""
    at_random = "A over UDP, {} names at random, 100 in flight"
    halved = "A over UDP at half the rate of the warm-up, 1,000 in flight"
    return [
        _row("dns 1000 names", at_random.format("1,000"), loads.dnsperf(1_000), 1_000),
        _row("dns 100000 names", at_random.format("100,000"), loads.dnsperf(100_000), 100_000),
        _row("dns half the peak", halved, loads.half(loads.dnsperf, 1_000), 1_000, None),
        _row("dns over TCP", "A over 8 TCP connections", loads.dnsperf(1_000, tcp=True), 1_000, None),
    ]


def growth(word: str, sizes: Sequence[int]) -> list[Row]:
    """The same work over more and more names, beside Node and knot."""
    return [
        replace(
            _row(
                f"dns {word} {names} names", f"A over UDP, {names:,} names", loads.dnsperf(names), names, None
            ),
            peers=tuple(peer for peer in name_servers(names) if peer.name in {"reference", "node", "knot"}),
        )
        for names in sizes
    ]


def _row(name: str, work: str, load: Load, names: int, target: float | None = 1.5) -> Row:
    peers = name_servers(names)
    if "TCP" in name:
        peers = tuple(peer for peer in peers if peer.name != "dns-packet")
    return Row(name, work, "queries", "dns", load, checks.dns, peers, target)


def name_servers(names: int) -> tuple[Peer, ...]:
    """Ours, Node with a codec written by hand and with dns-packet, knot, unbound and dnsmasq."""
    zone = ("bench.test.zone", bench_zone(names))
    ours = programs.reference("services.dns.reference", "dns", ("WIREYARD_ZONES", "{dir}"))
    by_hand = programs.node("node_dns.js", "{port}", "{dir}/bench.test.zone")
    knot = Peer(
        "knot",
        "knotd",
        "knot",
        ("knotd", "-c", "{dir}/knot.conf"),
        ("knotd", "--version"),
        (("knot.conf", _KNOT), zone),
    )
    ours, by_hand = replace(ours, files=(zone,)), replace(by_hand, files=(zone,))
    return ours, by_hand, _dns_packet(zone), knot, _unbound(zone), _dnsmasq(names)


def _unbound(zone: tuple[str, str]) -> Peer:
    """unbound, authoritative for the zone."""
    argv = ("unbound", "-d", "-c", "{dir}/unbound.conf")
    return Peer("unbound", "unbound", "unbound", argv, ("unbound", "-V"), (("unbound.conf", _UNBOUND), zone))


def _dnsmasq(names: int) -> Peer:
    """dnsmasq, which reads names as /etc/hosts has them."""
    hosts = "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255} n{i}.bench.test\n" for i in range(names))
    files = (("dnsmasq.conf", _DNSMASQ), ("hosts", hosts))
    argv = ("dnsmasq", "--keep-in-foreground", "--conf-file={dir}/dnsmasq.conf")
    return Peer("dnsmasq", "dnsmasq", "dnsmasq-base", argv, ("dnsmasq", "--version"), files)


def _dns_packet(zone: tuple[str, str]) -> Peer:
    """Node with the library that most of its name servers use, at the version that the lock file pins."""
    fetch = 'cp -r "$0/peers/dns-packet/." . && npm ci --silent --prefer-offline --no-audit'
    argv = ("node", "{dir}/server.js", "{port}", "{dir}/bench.test.zone")
    made = ("sh", "-c", fetch, "{bench}")
    return Peer("dns-packet", "npm", "npm", argv, programs.NODE_VERSION, (zone,), prepared=made)
