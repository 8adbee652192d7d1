"""How the references bear a crowd: `python -m bench.crowd [KIND …]`, a service of its own for each kind.

idle        10,000 idle connections: memory, and what a normal client waits meanwhile
slow-heads  2,000 clients that never finish their request's head: what a normal client waits
handshakes  5,000 TLS handshakes that stall: what another's whole handshake takes, and when they are cut
tunnels     5,000 idle tunnels through the proxy: memory
downloads   100 downloads of 10 MB at once over one HTTP/2 connection: the peak of memory
names       10,000,000 random names, a quarter of them under a wildcard: memory before, and every million

The crowd comes from several loopback addresses, since one has too few ports to spare. The limit of open
files is raised as far as it goes. Memory is resident MB, waits are milliseconds.
"""

from __future__ import annotations

import argparse
import random
import resource
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bench.loads import read_dnsperf
from bench.processes import Server, require, run_load, started
from bench.programs import reference
from certs.make import Leaf
from certs.whole import make

PROJECT = Path(__file__).resolve().parent.parent
NAME = "https.wireyard.test"
HEAD = b"GET /todos?name=lisi HTTP/1.1\r\nHost: a.wireyard.test\r\n"
IDLE, SLOW, STALLED, TUNNELS, DOWNLOADS = 10_000, 2_000, 5_000, 5_000, 100
NAMES, PART = 10_000_000, 1_000_000
ENDS = ("wireyard.test A", "wild.wireyard.test A", "wireyard.test AAAA", "x.https.wireyard.test A")
_PER_ADDRESS = 5000
_HTTP = "services.http.reference"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 0 when every crowd stood."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowd")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(CROWDS))
    kinds = parser.parse_args(arguments).kinds or list(CROWDS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="wireyard-crowd-") as directory:
        make(Path(directory), (Leaf("https", (NAME,), ("127.0.0.1",)),))
        for kind in kinds:
            CROWDS[kind](Path(directory))
    return 0


def idle(certs: Path) -> None:
    """Connections that have had one answer and ask no more."""
    with started(reference(_HTTP, "http1"), "http1", certs, PROJECT) as server:
        _waits("alone", server, _asking(server))
        crowd = [_connect(server, number) for number in range(IDLE)]
        for sock in crowd:
            _ask(sock)
        _waits(f"{IDLE} idle connections", server, _asking(server))


def slow_heads(certs: Path) -> None:
    """Heads that come a byte at a time, and never end."""
    with started(reference(_HTTP, "http1"), "http1", certs, PROJECT) as server:
        slow = [_connect(server, number) for number in range(SLOW)]
        for sock in slow:
            sock.sendall(HEAD)
        normal, trickle = _asking(server), iter(slow)

        def ask() -> None:
            for _, sock in zip(range(10), trickle, strict=False):
                sock.sendall(b"X")
            normal()

        _waits(f"{SLOW} slow heads", server, ask)


def handshakes(certs: Path) -> None:
    """ClientHellos of which the second half never comes."""
    context = ssl.create_default_context(cafile=certs / "ca" / "ca.pem")
    hello = _hello(context)

    def shake() -> None:
        with _connect(server, 0) as sock, context.wrap_socket(sock, server_hostname=NAME):
            pass

    with started(reference(_HTTP, "https"), "https", certs, PROJECT) as server:
        _waits("alone", server, shake)
        began = time.perf_counter()
        crowd = [_connect(server, number) for number in range(STALLED)]
        for sock in crowd:
            sock.sendall(hello[: len(hello) // 2])
        _waits(f"{STALLED} stalled handshakes", server, shake)
        for sock in crowd:
            sock.settimeout(30)
            while sock.recv(4096):
                pass
        _say(f"all cut {time.perf_counter() - began:.1f} s after the first came", server)


def _hello(context: ssl.SSLContext) -> bytes:
    """A ClientHello of `context`, whole."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=NAME).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise SystemExit("a handshake without a server cannot end")


def tunnels(certs: Path) -> None:
    """Tunnels to the TCP echo service, each used once."""
    with started(reference("services.tcp_echo.reference", "tcp-echo"), "tcp-echo", certs, PROJECT) as echo:
        target = f"127.0.0.1:{echo.place.port}"
        proxy = reference("services.proxy.reference", "proxy", ("WIREYARD_ALLOW", target))
        with started(proxy, "proxy", certs, PROJECT) as server:
            _say("alone", server)
            crowd = [_tunnel(_connect(server, number), target) for number in range(TUNNELS)]
            _say(f"{len(crowd)} idle tunnels", server)


def _tunnel(sock: socket.socket, target: str) -> socket.socket:
    sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    answer = sock.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"the proxy did not open a tunnel: {answer!r}")
    sock.sendall(b"x")
    if sock.recv(1) != b"x":
        raise SystemExit("the tunnel does not lead to the echo service")
    return sock


def downloads(certs: Path) -> None:
    """Large responses, interleaved, as one client takes them."""
    load = require("h2load", "nghttp2-client")
    with started(reference(_HTTP, "h2c"), "h2c", certs, PROJECT) as server:
        _say("alone", server)
        url = f"http://127.0.0.1:{server.place.port}/stream-bytes/10000000"
        said = run_load([load, "-n", str(DOWNLOADS), "-c", "1", "-m", str(DOWNLOADS), url], 60)
        if f" {DOWNLOADS} succeeded" not in said:
            raise SystemExit(said)
        _say(f"{DOWNLOADS} downloads of 10 MB, at its peak", server, "VmHWM")


def names(certs: Path) -> None:
    """Names that nobody has asked for before, as fast as they are answered."""
    load = require("dnsperf", "dnsperf")
    chance = random.Random(53)  # noqa: S311 - not a secret
    with started(reference("services.dns.reference", "dns"), "dns", certs, PROJECT) as server:
        _say("alone", server)
        asked, lost = Path(server.place.directory) / "names", 0
        for done in range(PART, NAMES + 1, PART):
            lines = (f"{chance.getrandbits(64):016x}.{ENDS[n % len(ENDS)]}\n" for n in range(PART))
            asked.write_text("".join(lines), encoding="ascii")
            argv = [
                load,
                "-s",
                "127.0.0.1",
                "-p",
                str(server.place.port),
                "-d",
                str(asked),
                "-n",
                "1",
                "-q",
                "64",
            ]
            lost += read_dnsperf(run_load(argv, 1_800)).lost
            _say(f"{done:,} random names, {lost} lost", server)


CROWDS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {
        "idle": idle,
        "slow-heads": slow_heads,
        "handshakes": handshakes,
        "tunnels": tunnels,
        "downloads": downloads,
        "names": names,
    }
)


def _asking(server: Server) -> Callable[[], None]:
    client = _connect(server, 0)
    return lambda: _ask(client)


def _connect(server: Server, number: int) -> socket.socket:
    source = f"127.0.0.{2 + number // _PER_ADDRESS}"
    address = ("127.0.0.1", server.place.port)
    return socket.create_connection(address, timeout=10, source_address=(source, 0))


def _ask(sock: socket.socket) -> None:
    sock.sendall(HEAD + b"\r\n")
    if not sock.recv(65536).startswith(b"HTTP/1.1 200 "):
        raise SystemExit("the service did not answer 200")


def _waits(what: str, server: Server, act: Callable[[], None]) -> None:
    """Runs `act` 200 times, and says how long it took."""
    took = []
    for _ in range(200):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    _say(f"{what}: median {statistics.median(took):.2f} ms, worst {max(took):.2f} ms", server)


def _say(what: str, server: Server, memory: str = "VmRSS") -> None:
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii", errors="replace")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith(memory))
    sys.stdout.write(f"{server.place.authority:24} {kilobytes / 1024:6.1f} MB  {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
