"""The rows of the proxy: a tunnel's throughput, and tunnels opened a second; in the clear, TLS and HTTP/2."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench import checks, programs
from bench.errors import UnfairRow
from bench.far import FarEnd, through
from bench.loads import HERE
from bench.model import Check, Load, Peer, Place, Row, Sample
from bench.processes import run_load


def rows(certs: Path) -> list[Row]:
    """Peers are led to the same far end, and ended on the same core."""
    source, sink, echo = FarEnd("source"), FarEnd("sink"), FarEnd("echo")
    down, up = "one tunnel, read as fast as it comes", "one tunnel, written as fast as it takes"
    opened = "CONNECT, one byte there and back, close; 16 at once"
    plain = [
        _row("proxy download", down, "MB", through(source, "down", 1), source, 1.7),
        _row("proxy upload", up, "MB", through(sink, "up", 1), sink, 1.7),
        _row("proxy open", opened, "tunnels", through(echo, "open", 16), echo, 1.3),
    ]
    tls, h2 = _secure("down", "http/1.1", source, certs), _secure("down", "h2", source, certs)
    many = _secure("open", "h2", echo, certs)
    return [
        *plain,
        _secure_row("proxy tls download", f"TLS to the proxy, {down}", "MB", tls, source, "tls"),
        _secure_row("proxy h2 download", f"HTTP/2 to the proxy, {down}", "MB", h2, source, "h2"),
        _secure_row("proxy h2 open", "streams of one connection, 16 at once", "tunnels", many, echo, "h2"),
    ]


def _row(name: str, work: str, unit: str, load: Load, far: FarEnd, target: float) -> Row:
    peers = (
        _reference(far),
        programs.node("node_tunnel.js", "{port}"),
        programs.squid(),
        programs.tinyproxy(),
    )
    return Row(name, work, unit, "proxy", load, checks.tunnel(far), peers, target)


def _secure_row(name: str, work: str, unit: str, load: Load, far: FarEnd, kind: str) -> Row:
    node = programs.node("node_tunnel.js", "{port}", kind, "{certs}/proxy")
    peers = (_reference(far, ("WIREYARD_PORT", "0"), ("WIREYARD_TLS_PORT", "{port}")), node)
    return Row(name, work, unit, "proxy", load, _carries(load), peers)


def _reference(far: FarEnd, *more: tuple[str, str]) -> Peer:
    return programs.reference("services.proxy.reference", "proxy", ("WIREYARD_ALLOW", far.target), *more)


def _secure(mode: str, protocol: str, far: FarEnd, certs: Path) -> Load:
    """load/secure.py: MB/s, or tunnels per second."""
    program, ca = str(HERE / "load" / "secure.py"), str(certs / "ca" / "ca.pem")

    def load(place: Place, seconds: float) -> Sample:
        where = [place.address, str(place.port), f"{seconds:g}", far.listening(), ca]
        said = json.loads(run_load([sys.executable, program, mode, protocol, *where], seconds))
        amount = said["bytes"] / 1e6 if mode == "down" else said["operations"]
        return Sample(amount / said["seconds"], said["errors"], said["lost"])

    return load


def _carries(load: Load) -> Check:
    """That a tunnel opens and something comes through; the certificate is verified."""

    def check(place: Place) -> bytes:
        sample = load(place, 1)
        if sample.errors or not sample.rate:
            raise UnfairRow(f"{sample.errors} errors, {sample.rate:.0f} a second, in the first second")
        return b"200"

    return check
