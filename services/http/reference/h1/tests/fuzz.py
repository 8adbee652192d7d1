"""A mutation fuzz of the HTTP/1.1 core: `python -m services.http.reference.h1.tests.fuzz --seconds 60`.

Requests from the table of syntax are cut up, spliced, repeated and sprinkled with octets that have bitten
parsers before. For every input, whatever it is:

1. nothing but BadMessage is raised, and reading ends;
2. cut into other segments, it reads the same: the same requests, the same content, the same refusal;
3. what h11, another reader altogether, takes for one request is never two here.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

import h11

from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.head import read_head
from services.http.reference.h1.limits import Limits
from services.http.reference.h1.reader import Reader
from services.kit.tests.fuzz import main
from tests.http1.syntax import NEXT, cases

LIMITS = Limits(line=512, head=2048, field=512, fields=20, chunk_line=64, trailers=512)
SEEDS = [case.sent for _, case in cases() if len(case.sent) < 600]
OCTETS = [bytes((octet,)) for octet in b'\r\n\x00 \t:;,"0+-\x0b\x0c\x85\xa0\xff']
LINES = (b"", b"0\r\n", b"5", b"Host: b", b"Content-Length: 5", b"Content-Length: 0", b"Connection: close")
WORDS = (
    *OCTETS,
    *(line + b"\r\n" for line in LINES),
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"HTTP/1.0",
    b"chunked",
    b"0x",
    b"F" * 16,
    NEXT,
)


def read(segments: Sequence[bytes]) -> list[str]:
    """What the core makes of `segments`: the requests, their content, and the refusal that ends them."""
    reader, seen = Reader(LIMITS), list[str]()
    content: bytes | None = None
    try:
        for segment in segments:
            reader.feed(segment)
            content = _read_on(reader, seen, content)
    except BadMessage as bad:
        seen.append(f"{bad.status} {bad.words} {bad.clause}")
    return seen


def _read_on(reader: Reader, seen: list[str], content: bytes | None) -> bytes | None:
    """All that can be read now; the content so far of a request whose end has not come."""
    while True:
        if content is not None:
            while piece := reader.piece():
                content += piece
            if not reader.done:
                return content
            seen.append(f"content {content!r} {reader.trailers}")
            content = None
        raw = reader.head()
        if raw is None:
            return None
        head = read_head(raw, "http", LIMITS)
        seen.append(f"{head.request.method} {head.request.target!r} {head.content}")
        reader.expect(head.content)
        content = b""


def mutate(chance: random.Random) -> bytes:
    """One input: seeds, mutated a few times."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(0, 4)):
        at, length = chance.randint(0, len(data)), chance.choice((0, 0, 1, 1, 2, 8))
        data[at : at + length] = _piece(chance, data)
    return bytes(data) + (chance.choice(SEEDS) if chance.random() < 0.3 else NEXT)


def _piece(chance: random.Random, data: bytearray) -> bytes:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(WORDS)
    if kind < 0.8:
        return bytes((chance.randrange(256),))
    start = chance.randint(0, len(data))
    return bytes(data[start : start + chance.randint(0, 40)])


def cut(chance: random.Random, data: bytes) -> list[bytes]:
    """`data` in a few segments."""
    places = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(1, 5)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def check(chance: random.Random) -> None:
    """One input, all three properties. Raises AssertionError that shows it."""
    data = mutate(chance)
    whole = read([data])
    assert read(cut(chance, data)) == whole, data
    ours, theirs = _requests(whole), _by_h11(data)
    assert theirs is None or ours <= theirs, (data, whole)


def _requests(seen: Sequence[str]) -> int:
    return sum(" b'" in line and not line.startswith(("content", "4", "5")) for line in seen)


def _by_h11(data: bytes) -> int | None:
    """How many requests h11 reads in `data`; None when it refuses any of it."""
    reader, count = h11.Connection(h11.SERVER, max_incomplete_event_size=2**20), 0
    reader.receive_data(data)
    try:
        while True:
            event = reader.next_event()
            if isinstance(event, h11.Request):
                count += 1
            elif event is h11.NEED_DATA:
                return count
            elif event is h11.PAUSED and not _answer(reader):
                return None
    except h11.RemoteProtocolError:
        return None


def _answer(reader: h11.Connection) -> bool:
    """Answers, so that the next request can be read; False when h11 sees none behind it."""
    if reader.our_state is h11.SEND_RESPONSE or reader.our_state is h11.SEND_BODY:
        reader.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
        reader.send(h11.EndOfMessage())
    if reader.our_state is not h11.DONE or reader.their_state is not h11.DONE:
        return False
    reader.start_next_cycle()
    return True


if __name__ == "__main__":
    sys.exit(main(check))
