"""Load on a proxy that is spoken to in TLS, on the bare `ssl` module; no tool loads such tunnels.

secure.py down  http/1.1|h2  HOST PORT SECONDS TARGET CA   reads what `wire source` sends through one tunnel
secure.py open  h2           HOST PORT SECONDS TARGET CA   opens tunnels on one connection, 16 at once; a byte
                                                           and FIN there, both back

Prints what wire.c prints. Frames are RFC 9113's, written out: a library would be what is measured.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import time
from collections.abc import Iterator

AUTHORITY = "proxy.wireyard.test"
AT_ONCE = 16
WINDOW = 2**31 - 1
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
STATUS_200 = 0x88
"""RFC 7541, appendix A: the one octet of `:status: 200`; a change of the table's size may stand before it."""


class Load:
    """One connection to the proxy, and what has come of it."""

    def __init__(self, protocol: str, place: tuple[str, int], ca: str) -> None:
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols([protocol])
        self.sock = context.wrap_socket(socket.create_connection(place, 10), server_hostname=AUTHORITY)
        self.operations = self.bytes = self.errors = 0
        self._frames = b""

    def down_http1(self, target: str, until: float) -> None:
        """Everything behind the head of the answer."""
        self.sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head, _, rest = self.sock.recv(65536).partition(b"\r\n\r\n")
        self.errors += b" 200 " not in head.partition(b"\r\n")[0]
        self.bytes += len(rest)
        self._read(until, 0)

    def down_h2(self, target: str, until: float) -> None:
        """One stream; what frames add to the bytes is less than a thousandth."""
        self.sock.sendall(preface() + connect(1, target))
        while not any(kind == DATA for kind, _, _, _ in self._arrived()):
            continue
        self._read(until, 2**30)

    def _read(self, until: float, refill: int) -> None:
        room, window = bytearray(262_144), refill
        while time.monotonic() < until:
            size = self.sock.recv_into(room)
            if not size:
                self.errors += 1
                return
            self.bytes += size
            if refill and self.bytes > window:
                window += refill
                grow = struct.pack("!I", refill)
                self.sock.sendall(frame(WINDOW_UPDATE, 0, 0, grow) + frame(WINDOW_UPDATE, 0, 1, grow))

    def open_h2(self, target: str, until: float) -> None:
        """The next stream begins when one has ended."""
        stream = 2 * AT_ONCE - 1
        self.sock.sendall(preface() + b"".join(connect(n, target) for n in range(1, stream + 1, 2)))
        while time.monotonic() < until:
            answer = b""
            for kind, flags, number, payload in self._arrived():
                if kind == HEADERS:
                    self.errors += STATUS_200 not in payload[:4]
                    answer += frame(DATA, END_STREAM, number, b"x")
                elif kind in {RST_STREAM, GOAWAY}:
                    self.errors += 1
                if kind == RST_STREAM or (kind == DATA and flags & END_STREAM):
                    self.operations += 1
                    stream += 2
                    answer += connect(stream, target)
            self.sock.sendall(answer)

    def _arrived(self) -> Iterator[tuple[int, int, int, bytes]]:
        """The frames that one read brings: type, flags, stream, payload."""
        data = self.sock.recv(262_144)
        if not data:
            raise ConnectionError("the proxy closed the connection")
        self._frames += data
        at = 0
        while len(self._frames) - at >= 9:
            size = int.from_bytes(self._frames[at : at + 3])
            if len(self._frames) - at < 9 + size:
                break
            kind, flags, number = struct.unpack_from("!BBI", self._frames, at + 3)
            yield kind, flags, number, self._frames[at + 9 : at + 9 + size]
            at += 9 + size
        self._frames = self._frames[at:]


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """RFC 9113, 4.1."""
    return len(payload).to_bytes(3) + struct.pack("!BBI", kind, flags, stream) + payload


def preface() -> bytes:
    """RFC 9113, 3.4, with windows as wide as they go; the server's SETTINGS are acknowledged unseen."""
    settings = struct.pack("!HI", 4, WINDOW)
    wide = struct.pack("!I", WINDOW - 65535)
    frames = frame(SETTINGS, 0, 0, settings) + frame(SETTINGS, ACK, 0, b"") + frame(WINDOW_UPDATE, 0, 0, wide)
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames


def connect(stream: int, target: str) -> bytes:
    """RFC 9113, 8.5: `:method` and `:authority` as literals with an indexed name (RFC 7541, 6.2.2)."""
    block = b"".join(
        bytes((name, len(value))) + value for name, value in ((2, b"CONNECT"), (1, target.encode()))
    )
    return frame(HEADERS, END_HEADERS, stream, block)


def main(arguments: list[str]) -> int:
    """Runs the command line."""
    mode, protocol, host, port, seconds, target, ca = arguments
    load = Load(protocol, (host, int(port)), ca)
    began = time.monotonic()
    act = {("down", "http/1.1"): load.down_http1, ("down", "h2"): load.down_h2, ("open", "h2"): load.open_h2}
    act[mode, protocol](target, began + float(seconds))
    said = {"operations": load.operations, "bytes": load.bytes, "errors": load.errors, "lost": 0}
    sys.stdout.write(json.dumps({**said, "seconds": time.monotonic() - began}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
