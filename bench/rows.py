"""Every row of `make bench`: the work, the load, who does it, and the ratio to Node that is aimed at."""

from __future__ import annotations

from pathlib import Path

from bench import checks, loads, name_servers, programs, tunnels
from bench.model import Load, Peer, Row

TODOS = "/todos?name=zhangsan"
POST = b'{"name":"zhangsan"}'
UPLOAD = b"w" * (1024 * 1024)
CONNECTIONS = (1, 10, 100, 1_000, 10_000)
GROWTH = "growth"
NAMES = (1, 10, 100, 1_000, 10_000, 100_000)
HTTP_SERVICE = "services.http.reference"


def all_rows(certs: Path) -> tuple[Row, ...]:
    """The table; `certs` is the folder that `python -m certs make` filled."""
    http1 = [row for kind in ("http1", "https") for row in _http1(kind, certs)]
    http2 = [row for kind in ("h2c", "h2") for row in _http2(kind, certs)]
    grown = (*_growth(certs), *name_servers.growth(GROWTH, NAMES))
    return (*http1, *http2, *_echo(), *tunnels.rows(certs), *name_servers.rows(), *grown)


def _http1(kind: str, certs: Path) -> list[Row]:
    tls = kind == "https"
    static = (*_programs(kind), programs.nginx(kind))
    target = 1.0 if tls else 1.1
    rows = [
        _row(f"{kind} todos", TODOS, loads.wrk(TODOS, tls=tls), certs, static, target=target),
        _row(f"{kind} post", "/todos", loads.wrk("/todos", tls=tls, script="post.lua"), certs, body=POST),
        _row(f"{kind} download", "/range/65536", loads.wrk("/range/65536", tls=tls), certs, static),
        _row(
            f"{kind} upload",
            "/upload?digest=none",
            loads.wrk("/upload?digest=none", tls=tls, connections=8, script="upload.lua"),
            certs,
            body=UPLOAD,
        ),
    ]
    if tls:
        handshakes = loads.shake(TODOS, certs)
        rows.append(_row("https handshakes", TODOS, handshakes, certs, static, target=1.2))
    return rows


def _growth(certs: Path) -> list[Row]:
    """The same work over more and more connections, beside Node and beside ourselves without a journal."""
    silent = programs.reference(HTTP_SERVICE, "http1", ("WIREYARD_JOURNAL", "0"), name="no journal")
    who = (programs.reference(HTTP_SERVICE, "http1"), silent, programs.node_http())
    return [
        _row(f"http1 {GROWTH} {number} connections", TODOS, loads.wrk(TODOS, connections=number), certs, who)
        for number in CONNECTIONS
    ]


def _http2(kind: str, certs: Path) -> list[Row]:
    tls = kind == "h2"
    static = (*_programs(kind), programs.nginx(kind), programs.nghttpd(kind))

    def load(path: str, streams: int, body: str = "") -> Load:
        return loads.h2load(path, tls=tls, streams=streams, body=body)

    return [
        _row(f"{kind} todos 32 streams", TODOS, load(TODOS, 32), certs, static, target=1.2),
        _row(f"{kind} todos 1 stream", TODOS, load(TODOS, 1), certs, static, target=1.2),
        _row(f"{kind} post", "/todos", load("/todos", 32, "post.json"), certs, body=POST),
        _row(f"{kind} download", "/range/65536", load("/range/65536", 32), certs),
    ]


def _programs(kind: str) -> tuple[Peer, ...]:
    return (programs.reference(HTTP_SERVICE, kind), programs.node_http(), *programs.asgi_servers(kind))


def _row(
    name: str,
    path: str,
    load: Load,
    certs: Path,
    who: tuple[Peer, ...] | None = None,
    *,
    body: bytes = b"",
    target: float | None = None,
) -> Row:
    kind = name.split(maxsplit=1)[0]
    work = f"{'POST' if body else 'GET'} {path}" + (f", {len(body)} bytes" if body else "")
    check = checks.http(kind, path, certs, body, "size" if path.startswith("/upload") else None)
    return Row(name, work, "requests", kind, load, check, who or _programs(kind), target)


def _echo() -> list[Row]:
    tcp = (
        programs.reference("services.tcp_echo.reference", "tcp-echo"),
        programs.node("node_tcp_echo.js", "{port}"),
        programs.socat("TCP4-LISTEN"),
        programs.c_loop("tcp"),
    )
    udp = (
        programs.reference("services.udp_echo.reference", "udp-echo"),
        programs.node("node_udp_echo.js", "{port}"),
        programs.socat("UDP4-RECVFROM", "-T", "0.5"),
        programs.c_loop("udp"),
    )
    ping = loads.wire("ping", "64", "64", seconds_at=4)
    bulk = loads.wire("bulk", "4", megabytes=True, seconds_at=3)
    paced = "64 bytes, half of each one's own peak, none lost"
    return [
        Row(
            "tcp-echo ping",
            "64 bytes, 64 connections",
            "messages",
            "tcp-echo",
            ping,
            checks.tcp_echo,
            tcp,
            1.2,
        ),
        Row(
            "tcp-echo bulk", "64 KiB writes, 4 connections", "MB", "tcp-echo", bulk, checks.tcp_echo, tcp, 1.2
        ),
        Row(
            "udp-echo",
            "64 bytes, 8 in flight × 8",
            "datagrams",
            "udp-echo",
            _dgram(),
            checks.udp_echo,
            udp,
            1.4,
        ),
        Row("udp-echo half", paced, "datagrams", "udp-echo", loads.half(_dgram), checks.udp_echo, udp, 1.4),
    ]


def _dgram(rate: int = 0) -> Load:
    """Eight sockets: as many datagrams as come back, or `rate` a second in all."""
    return loads.wire("dgram", "8", "8", "64", *([str(rate)] if rate else []), seconds_at=4)
