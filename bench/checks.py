"""What every peer must answer alike before it is timed, fetched by programs that are not ours."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

from bench.errors import UnfairRow
from bench.far import FarEnd
from bench.model import Check, Place
from bench.processes import require

_HTTP_VERSION = {
    "http1": ["--http1.1"],
    "https": ["--http1.1"],
    "h2c": ["--http2-prior-knowledge"],
    "h2": ["--http2"],
}


def http(kind: str, path: str, certs: Path, body: bytes = b"", field: str | None = None) -> Check:
    """The body that curl gets, the certificate verified; of a JSON object only `field`, if one is named."""

    def check(place: Place) -> bytes:
        scheme = "https" if kind in {"https", "h2"} else "http"
        argv = [require("curl", "curl"), "-sS", "--fail", "--max-time", "10", *_HTTP_VERSION[kind]]
        argv += ["--cacert", str(certs / "ca" / "ca.pem"), "--connect-to", f"::{place.address}:{place.port}"]
        argv += ["--data-binary", "@-", "-H", "content-type: application/json"] if body else []
        argv += [f"{scheme}://{place.authority}:{place.port}{path}"]
        done = subprocess.run(argv, input=body, capture_output=True, check=False)
        if done.returncode != 0:
            raise UnfairRow(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout if field is None else json.dumps(json.loads(done.stdout)[field]).encode()

    return check


def tcp_echo(place: Place) -> bytes:
    """A line and its echo, then FIN both ways."""
    with socket.create_connection((place.address, place.port), timeout=5) as sock:
        sock.sendall(b"wireyard\n")
        answer = b""
        while len(answer) < 9 and (piece := sock.recv(64)):
            answer += piece
        return answer


def udp_echo(place: Place) -> bytes:
    """A datagram and its echo."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(b"wireyard", (place.address, place.port))
        return sock.recv(64)


def dns(place: Place) -> bytes:
    """The first address of the zone of bench.test, and the AA bit; offering recursion or not is all one."""
    question = b"\x02n0\x05bench\x04test\0" + b"\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(b"\x77\x77\0\0\0\1\0\0\0\0\0\0" + question, (place.address, place.port))
        answer = sock.recv(512)
    return answer[:3] + bytes((answer[3] & 0x7F,)) + answer[4:8] + answer[-4:]


def tunnel(far: FarEnd) -> Check:
    """That a tunnel to the far end opens."""

    def check(place: Place) -> bytes:
        with socket.create_connection((place.address, place.port), timeout=5) as sock:
            target = far.listening()
            sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            answer = b""
            while b"\r\n\r\n" not in answer and (piece := sock.recv(4096)):
                answer += piece
            status = answer.split(b" ", 2)[1:2]
            if status != [b"200"]:
                raise UnfairRow(f"the proxy answered {answer[:80]!r}")
            return b"".join(status)

    return check
