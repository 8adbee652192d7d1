"""Fuzzing of the core: `python -m services.http.reference.h2.tests.fuzz --seconds 600`.

A round takes frames from the contract's cases, breaks some of their octets, cuts the whole anywhere, feeds
it, and lets a careless application act in between. The core must not raise, must send whole frames only,
must end with GOAWAY if it ends, and must stay within its limits.
"""

from __future__ import annotations

import random
import sys

from services.http.reference.h2 import ActionRefused, Connection, Limits
from services.http.reference.h2.compression import encode
from services.http.reference.h2.events import DataReceived
from services.kit.tests.fuzz import main
from tests.http2 import wire
from tests.http2.cases import CASES
from tests.http2.cases.case import GOOD_BEGINNING

_HEAD = encode(((b":status", b"200"), (b"x-name", b"value")))
_FRAMES = [
    wire.frame(frame.kind, frame.flags, frame.stream, frame.payload)
    for case in CASES
    for frame in wire.frames(case.sends + case.then)
    if len(frame.payload) < 4_000
]
_LIMITS = Limits(concurrent_streams=20, remembered_resets=16)


def octets(chance: random.Random) -> bytes:
    """A beginning and up to 30 frames, some of them broken."""
    made = bytearray(GOOD_BEGINNING)
    for _ in range(chance.randrange(30)):
        frame = bytearray(chance.choice(_FRAMES))
        if chance.random() < 0.4:
            _break(chance, frame)
        if chance.random() < 0.5:
            frame[5:9] = (2 * chance.randrange(40) + 1).to_bytes(4, "big")
        made += frame
    return bytes(made)


def _break(chance: random.Random, frame: bytearray) -> None:
    """Flip, cut, repeat or lie about the length of a frame."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(frame))
        match chance.randrange(4):
            case 0:
                frame[at] = chance.randrange(256)
            case 1 if len(frame) > 9:
                del frame[at]
                frame += b"\0" * max(0, 9 - len(frame))
            case 2:
                frame[at:at] = frame[at : at + 5]
            case _:
                frame[0:3] = max(0, len(frame) - 9).to_bytes(3, "big")


def play(chance: random.Random) -> Connection:
    """One round. Raises AssertionError when the core does not keep to its rules."""
    core, data, sent = Connection(_LIMITS), octets(chance), b""
    core.open()
    while data:
        cut = chance.randint(1, max(1, len(data) // 3))
        core.feed(data[:cut])
        data = data[cut:]
        for event in core.take_events():
            if isinstance(event, DataReceived):
                core.consumed(event.stream_id, event.flow)
        _act(chance, core)
        sent += core.take(chance.randint(1, 100_000))
        assert len(core.streams) <= _LIMITS.concurrent_streams
        assert len(core._resets) <= _LIMITS.remembered_resets
    _check_output(sent, core)
    return core


def _act(chance: random.Random, core: Connection) -> None:
    """What a careless application might do."""
    for stream in list(core.streams):
        if chance.random() < 0.5:
            continue
        actions = (
            lambda s: core.respond(s, _HEAD, b"x" * chance.randrange(200)),
            lambda s: core.send_head(s, _HEAD, end_stream=False),
            lambda s: core.send_data(s, b"y" * chance.randrange(5_000), end_stream=chance.random() < 0.5),
            lambda s: core.send_trailers(s, _HEAD),
            core.reset,
        )
        try:
            chance.choice(actions)(stream)
        except ActionRefused:
            continue


def _check_output(sent: bytes, core: Connection) -> None:
    whole = list(wire.frames(sent))
    assert sum(9 + len(frame.payload) for frame in whole) == len(sent), "a frame that is not whole"
    if core.over:
        assert whole[-1].kind == wire.GOAWAY
        assert not core.streams


if __name__ == "__main__":
    sys.exit(main(play))
