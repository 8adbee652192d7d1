"""tcpdump as it is really run, where this user may: listens first, ends with its input, says why not."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.backends.tcpdump import tcpdump
from lab.capture import marks
from lab.capture.cuts import Cutter
from lab.capture.marks import Mark
from lab.capture.pcapng import Reader
from lab.capture.sniffer import Sniffer
from lab.errors import CaptureError

EMBEDDED: Any = SimpleNamespace(name="embedded")
COMPOSE: Any = SimpleNamespace(name="compose")


def refused(backend: Any, words: str) -> str:
    with pytest.raises(CaptureError) as error, Sniffer(backend, ("sh", "-c", f"echo {words!r} >&2")):
        pass
    return str(error.value)


@pytest.mark.parametrize(
    "words", ["lo: You don't have permission to capture", "socket: Operation not permitted"]
)
def test_a_missing_right_is_one_clear_line_on_both_backends(words: str) -> None:
    assert refused(EMBEDDED, words).startswith("this user may not capture on loopback; run it as root")
    assert "NET_RAW" in refused(COMPOSE, words)


@pytest.mark.timeout(20)
def test_what_watches_for_the_end_of_input_keeps_nobody_waiting_when_tcpdump_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tcpdump"
    program.write_text("#!/bin/sh\necho 'lo: Operation not permitted' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CaptureError, match="may not capture"), Sniffer(EMBEDDED, tcpdump("lo", (9,))):
        pass


def test_any_other_end_is_told_in_tcpdumps_own_words() -> None:
    assert refused(EMBEDDED, "syntax error in filter") == "tcpdump ended at once: syntax error in filter"


@pytest.fixture
def sniffer() -> Sniffer:
    """A real one on loopback."""
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is not installed")
    try:
        with Sniffer(EMBEDDED, tcpdump("lo", (marks.PORT,))):
            pass
    except CaptureError as error:
        pytest.skip(str(error))
    return Sniffer(EMBEDDED, tcpdump("lo", (marks.PORT,)))


def test_the_packets_of_a_failed_test_are_found_between_its_marks_on_the_wire(sniffer: Sniffer) -> None:
    reader, cutter, cuts = Reader(), Cutter(), []
    with sniffer:
        # A mark that the kernel let fall must fail the test, not hang it.
        timer = threading.Timer(10, sniffer.end)
        timer.start()
        marks.send(Mark("begin", "t"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"what the test sent", ("127.0.0.1", marks.PORT))
        marks.send(Mark("failed", "t"))
        for piece in sniffer.pieces():
            cuts += [cut for record in reader.feed(piece) for cut in cutter.add(record)]
            if cuts:
                sniffer.end()
        timer.cancel()
    assert [b"what the test sent" in cut.records for cut in cuts] == [True]
    assert sniffer.ended
