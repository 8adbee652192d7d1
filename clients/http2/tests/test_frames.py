"""The frame view: what was on the wire, in words."""

from __future__ import annotations

import io
import json

from hpack import Encoder
from rich.console import Console

from clients.http2.frames import PREFACE, FrameReader
from clients.http2.show import AsJson, Show, frame_lines
from clients.trace import Trace

SETTINGS = bytes.fromhex("000006040000000000000400010000")
GOAWAY = bytes.fromhex("00000a0700000000000000000500000001") + b"no"


def read(*pieces: bytes) -> list[dict[str, object]]:
    reader = FrameReader("receive")
    return [frame for piece in pieces for frame in reader.feed(piece)]


def headers(block: bytes, flags: int = 0x5, kind: int = 1) -> bytes:
    return len(block).to_bytes(3, "big") + bytes([kind, flags, 0, 0, 0, 1]) + block


def test_settings_have_names() -> None:
    (frame,) = read(SETTINGS)
    assert frame["type"] == "SETTINGS"
    assert frame["settings"] == {"INITIAL_WINDOW_SIZE": 65_536}


def test_the_preface_is_no_frame_and_pieces_do_not_matter() -> None:
    octets = PREFACE + SETTINGS
    assert read(octets[:24], octets[24:30], octets[30:]) == read(SETTINGS)


def test_a_goaway_says_why() -> None:
    (frame,) = read(GOAWAY)
    assert (frame["last_stream"], frame["code"], frame["debug"]) == (5, "PROTOCOL_ERROR", "no")


def test_fields_are_decoded_over_continuations_and_with_the_dynamic_table() -> None:
    encoder = Encoder()
    first, second = (encoder.encode([(":status", "200"), ("x-name", "value")]) for _ in range(2))
    frames = read(headers(first[:3], 0x1), headers(first[3:], 0x4, 9), headers(second))
    assert "fields" not in frames[0]
    assert frames[1]["fields"] == frames[2]["fields"] == [(":status", "200"), ("x-name", "value")]


def test_extensions_have_names_and_unknown_types_numbers() -> None:
    frames = read(bytes.fromhex("0000030c0000000000") + b"\0\1x", bytes.fromhex("000000fe0000000000"))
    assert [frame["type"] for frame in frames] == ["ORIGIN", "0xfe"]


def test_malformed_frames_are_shown_as_such() -> None:
    (frame,) = read(bytes.fromhex("000001060000000000") + b"x")
    assert frame["type"] == "malformed"


def test_lines_read_like_nghttp() -> None:
    (frame,) = read(headers(Encoder().encode([(":status", "200")])))
    assert frame_lines(frame) == [
        "recv HEADERS frame <length=1, stream_id=1>",
        "; END_HEADERS | END_STREAM",
        ":status: 200",
    ]


def test_show_and_json_print_every_step() -> None:
    out, lines = io.StringIO(), io.StringIO()
    for teller in (Show(Console(file=out)), AsJson(lines)):
        trace = Trace(teller)
        trace.step("connect", port=1)
        trace.step("frame", **read(GOAWAY)[0])
    assert "[  0.000] connect port=1" in out.getvalue()
    assert "recv GOAWAY" in out.getvalue()
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["connect", "frame"]
