"""Name servers side by side: ours, Node's dgram and knot, each with the same zone."""

from __future__ import annotations

from dataclasses import replace

from bench import programs
from bench.model import Peer

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


def bench_zone(names: int) -> str:
    """A zone of `names` addresses, n0 to n…, in the form that every peer reads."""
    head = "@ 300 IN SOA ns host 1 3600 600 604800 60\n@ 300 IN NS ns\nns 300 IN A 192.0.2.1\n"
    return head + "".join(f"n{i} 300 IN A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(names))


def name_servers(names: int) -> tuple[Peer, ...]:
    """Ours, Node's dgram and knot, each with the same zone."""
    zone = ("bench.test.zone", bench_zone(names))
    ours = programs.reference("services.dns.reference", "dns", ("WIREYARD_ZONES", "{dir}"))
    node_dns = programs.node("node_dns.js", "{port}", "{dir}/bench.test.zone")
    knot = Peer(
        "knot",
        "knotd",
        "knot",
        ("knotd", "-c", "{dir}/knot.conf"),
        ("knotd", "--version"),
        (("knot.conf", _KNOT), zone),
    )
    return replace(ours, files=(zone,)), replace(node_dns, files=(zone,)), knot
