"""How an HTTP/1.1 service bears a crowd: idle connections, and clients that never finish their head.

    python -m bench.crowd PORT PID --idle 10000 --slow 2000

Prints the service's resident memory before, with the idle connections, and with the slow heads; and how long
a normal client waits for its answer meanwhile. The crowd comes from several loopback addresses, since one
has too few ports to spare. The file limit is raised as far as it goes.
"""

from __future__ import annotations

import argparse
import resource
import socket
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HEAD = b"GET /todos?name=lisi HTTP/1.1\r\nHost: a.wireyard.test\r\n"
_PER_ADDRESS = 5000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 0 when the crowd stood."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowd")
    parser.add_argument("port", type=int)
    parser.add_argument("pid", type=int, help="of the service, for its memory")
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--slow", type=int, default=2_000)
    options = parser.parse_args(arguments)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    _say("alone", options.pid, options.port)
    crowd = [_connect(options.port, number) for number in range(options.idle)]
    for sock in crowd:
        _ask(sock)
    _say(f"{options.idle} idle connections", options.pid, options.port)
    slow = [_connect(options.port, number) for number in range(options.slow)]
    for sock in slow:
        sock.sendall(HEAD)
    _say(f"and {options.slow} slow heads", options.pid, options.port)
    _trickle(slow, options.pid, options.port)
    return 0


def _trickle(slow: Sequence[socket.socket], pid: int, port: int) -> None:
    """One more byte of a head from each slow client, with a normal request behind every hundredth."""
    client, waits = _connect(port, 0), []
    for number, sock in enumerate(slow):
        sock.sendall(b"X")
        if number % 100 == 0:
            waits.append(_timed(client))
    sys.stdout.write(f"{'while they trickle':34} {_memory(pid):7.1f} MB  worst {max(waits) * 1000:6.2f} ms\n")


def _say(what: str, pid: int, port: int) -> None:
    client = _connect(port, 0)
    waits = [_timed(client) for _ in range(200)]
    client.close()
    sys.stdout.write(
        f"{what:34} {_memory(pid):7.1f} MB  median {statistics.median(waits) * 1000:6.2f} ms"
        f"  worst {max(waits) * 1000:6.2f} ms\n"
    )


def _timed(client: socket.socket) -> float:
    began = time.perf_counter()
    _ask(client)
    return time.perf_counter() - began


def _connect(port: int, number: int) -> socket.socket:
    source = f"127.0.0.{2 + number // _PER_ADDRESS}"
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


def _ask(sock: socket.socket) -> None:
    sock.sendall(HEAD + b"\r\n")
    if not sock.recv(65536).startswith(b"HTTP/1.1 200 "):
        raise SystemExit("the service did not answer 200")


def _memory(pid: int) -> float:
    """Resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
