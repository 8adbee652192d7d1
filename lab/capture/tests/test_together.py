"""`make test CAPTURE=1`, whole: of a test that fails, its packets and its journal lie together and agree."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.backends.tcpdump import tcpdump
from lab.capture import marks
from lab.capture.pcapng import PACKET
from lab.capture.sniffer import Sniffer
from lab.capture.tests.test_pcapng import blocks
from lab.errors import CaptureError
from lab.patience import SECOND
from lab.tests.site import ECHOES, Site, site_on

pytestmark = pytest.mark.timeout(120 * SECOND)

SENT = b"what the test sent"
TEST = "tests/tcp_echo/test_fails.py::test_fails"
FAILS = f"""
async def test_fails(opened, yard):
    yard.journal("tcp-echo")
    stream = await opened()
    await stream.send({SENT!r})
    assert await stream.receive(100) == b"something else"
"""


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Site]:
    """Two echo services, and a test of one that fails."""
    embedded: Any = type("Embedded", (), {"name": "embedded"})
    try:
        with Sniffer(embedded, tcpdump("lo", (marks.PORT,))):
            pass
    except (CaptureError, FileNotFoundError) as error:
        pytest.skip(str(error))
    made = site_on("embedded", tmp_path, 45)
    (made.folder / "compose.yaml").write_text(ECHOES)
    (made.folder / "tests" / "tcp_echo" / "test_fails.py").write_text(FAILS)
    try:
        up = made.lab("up")
        assert up.returncode == 0, up.stderr
        yield made
    finally:
        made.lab("down")


def sent(capture: bytes) -> tuple[str, datetime]:
    """Who sent SENT, as the journal names a peer, and when; over Ethernet, IPv4 and TCP."""
    for kind, body in blocks(capture):
        if kind == PACKET and SENT in body:
            high, low = struct.unpack_from("<xxxxII", body)
            address, port = body[20 + 14 + 12 :][:4], struct.unpack_from(">H", body, 20 + 14 + 20)[0]
            at = datetime.fromtimestamp(((high << 32) + low) / 1e6, UTC)
            return f"{'.'.join(map(str, address))}:{port}", at
    raise AssertionError("the packet is not in the capture")


def test_an_event_a_packet_and_a_test_find_each_other(yard: Site) -> None:
    """The test by the name of its folder, which holds both others; those by the client's port, and time."""
    judged = yard.lab("test", ROLE="tcp-echo", ARGS="-k test_fails", CAPTURE="1")
    assert judged.returncode == 1, judged.stdout
    [own] = yard.folder.glob(f"{yard.environ['WIREYARD_STATE']}/**/{marks.folder(TEST)}")
    told = json.loads((own / "test.json").read_text())
    events = [json.loads(line) for line in (own / "tcp-echo.journal.ndjson").read_text().splitlines()]
    [opening] = [event for event in events if event["event"] == "connection"]
    capture = (own / "packets.pcapng").read_bytes()
    peer, at = sent(capture)
    assert TEST.encode() in capture
    assert (told["id"], opening["peer"]) == (TEST, peer)
    assert told["began"] <= at.isoformat() <= told["ended"]
    # Not before the packet: the kernel takes what is sent to a connection that is yet to be accepted.
    assert told["began"] <= opening["at"] <= told["ended"]
