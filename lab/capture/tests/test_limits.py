"""A capture ends at its size, and a run keeps captures of so many failed tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.backends.tcpdump import tcpdump
from lab.capture import marks, suite, take
from lab.capture.keylog import KeyLog
from lab.capture.suite import SuiteCapture
from lab.capture.tests.test_pcapng import HEADER, record
from lab.state import StateDirectory

# It writes records of nothing, sixteen octets each, for as long as it is let.
ENDLESS = '#!/bin/sh\necho "listening on lo" >&2\nexec cat "$HEAD" /dev/zero\n'
LARGEST = 200_000
ONE_READ = 1 << 16


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A runner whose tcpdump never stops."""
    (tmp_path / "tcpdump").write_text(ENDLESS)
    (tmp_path / "tcpdump").chmod(0o755)
    (tmp_path / "head").write_bytes(HEADER)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HEAD", str(tmp_path / "head"))
    monkeypatch.setattr(take, "LARGEST", LARGEST)
    monkeypatch.setattr(KeyLog, "of", lambda _service: None)
    backend = SimpleNamespace(name="embedded", capture=lambda _name: tcpdump("lo", (9,)))
    yard = SimpleNamespace(service=lambda role: SimpleNamespace(name=role))
    return SimpleNamespace(backend=backend, topology=yard)


@pytest.mark.timeout(20)
def test_a_capture_ends_at_its_size_however_long_it_was_to_last(endless: Any, tmp_path: Path) -> None:
    file = tmp_path / "x.pcapng"
    done = take.take(endless, "tcp-echo", 300, file, lambda: None)
    assert done.full
    assert LARGEST // 16 - 2 <= done.packets <= (LARGEST + ONE_READ) // 16
    assert file.stat().st_size <= done.packets * 32 + 100


class Played:
    """A sniffer that has heard it all before."""

    def __init__(self, *records: bytes) -> None:
        self._records = records

    def pieces(self) -> Iterator[bytes]:
        yield HEADER
        yield from self._records

    def end(self) -> None:
        """It ends by itself."""


def marked(what: str, test: str) -> bytes:
    return record(1, 0, b'wireyard test mark {"what": "%s", "test": "%s"}' % (what.encode(), test.encode()))


def test_of_more_failed_tests_than_a_run_keeps_the_others_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "MOST", 2)
    runner: Any = SimpleNamespace(state=StateDirectory(tmp_path), topology=SimpleNamespace(services={}))
    failed = [marked(what, f"t{n}") for n in range(5) for what in ("begin", "failed")]
    sniffer: Any = Played(*failed, marked("end", ""))
    with SuiteCapture(runner, sniffer).running() as kept:
        pass
    assert (len(kept.files), kept.too_many) == (2, 3)
    assert [file.parent.name for file in kept.files] == [marks.folder("t0"), marks.folder("t1")]
    assert all(file.stat().st_size < 1000 for file in kept.files)
