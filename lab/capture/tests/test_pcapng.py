"""What is written reads back, with the secrets before the packets."""

from __future__ import annotations

import struct

import pytest

from lab.capture.pcapng import PACKET, SECRETS, SECTION, Frame, NotACapture, Reader, convert, frames

HEADER = b"\xd4\xc3\xb2\xa1" + struct.pack("<HHiIII", 2, 4, 0, 0, 262144, 1)
NANOSECONDS = b"\x4d\x3c\xb2\xa1" + HEADER[4:]


def record(seconds: int, fraction: int, data: bytes) -> bytes:
    return struct.pack("<IIII", seconds, fraction, len(data), len(data)) + data


def blocks(file: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(file):
        kind, length = struct.unpack_from("<II", file, at)
        assert struct.unpack_from("<I", file, at + length - 4) == (length,)
        assert length % 4 == 0
        found.append((kind, file[at + 8 : at + length - 4]))
        at += length
    return found


def test_frames_carry_time_and_bytes() -> None:
    capture = HEADER + record(3, 250_000, b"abc") + record(4, 0, b"")
    assert list(frames(capture)) == [Frame(3_250_000, b"abc", 3), Frame(4_000_000, b"", 0)]


def test_nanoseconds_are_read_too() -> None:
    assert next(frames(NANOSECONDS + record(1, 5_000, b"x"))).time == 1_000_005


@pytest.mark.parametrize("cut", range(1, 19))
def test_a_frame_cut_off_at_the_end_is_left_out(cut: int) -> None:
    capture = HEADER + record(1, 0, b"whole") + record(2, 0, b"cut")
    assert [frame.data for frame in frames(capture[:-cut])] == [b"whole"]


def test_the_secrets_stand_before_the_packets() -> None:
    file = blocks(convert(HEADER + record(1, 2, b"abcde"), b"CLIENT_RANDOM 00 11\n"))
    kinds = [kind for kind, _ in file]
    assert kinds.index(SECRETS) < kinds.index(PACKET)
    assert b"CLIENT_RANDOM 00 11\n" in dict(file)[SECRETS]
    high, low, kept, length = struct.unpack_from("<xxxxIIII", dict(file)[PACKET])
    assert ((high << 32) + low, kept, length) == (1_000_002, 5, 5)


def test_without_secrets_there_is_no_block_of_them() -> None:
    assert SECRETS not in dict(blocks(convert(HEADER)))


@pytest.mark.parametrize("junk", [b"", b"GET / HTTP/1.1\r\n", HEADER[:10]])
def test_what_is_no_capture_is_refused(junk: bytes) -> None:
    with pytest.raises(NotACapture):
        convert(junk)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_growing_file_is_read_record_by_record(size: int) -> None:
    records = [record(1, 0, b"abc"), record(2, 0, b""), record(3, 0, b"x" * 99)]
    capture, reader = HEADER + b"".join(records), Reader()
    pieces = [capture[at : at + size] for at in range(0, len(capture), size)]
    assert [found for piece in pieces for found in reader.feed(piece)] == records
    assert reader.head == HEADER


def test_a_growing_file_that_is_no_capture_is_refused() -> None:
    with pytest.raises(NotACapture):
        list(Reader().feed(b"HTTP/1.1 400 Bad Request"))


def test_a_comment_is_the_files_own() -> None:
    section = dict(blocks(convert(HEADER, comment="tests/x.py::test")))[SECTION]
    assert struct.unpack_from("<HH", section, 16) == (1, 16)
    assert section[20:36] == b"tests/x.py::test"
    assert dict(blocks(convert(HEADER)))[SECTION] == section[:16]
