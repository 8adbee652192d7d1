"""Takes a capture of one role: packets where they pass, secrets from the service itself, one file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.capture.keylog import KeyLog
from lab.capture.pcapng import NotACapture, convert, frames
from lab.capture.sniffer import Sniffer
from lab.errors import CaptureError
from lab.runner import Runner

LARGEST = 64 * 1024 * 1024
"""Bytes of packets after which a capture ends early."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What was written: the file, how many packets, and the number of TLS secrets in it."""

    file: Path
    packets: int
    secrets: int
    full: bool


def take(runner: Runner, role: str, seconds: int, file: Path, began: Callable[[], None]) -> Captured:
    """Captures `role` for `seconds` (or until LARGEST) into `file`; `began` is called once packets are seen.

    Raises CaptureError when the right to capture, or the program, is missing.
    """
    service = runner.topology.service(role)
    log = KeyLog.of(service)
    if log is not None:
        log.start(seconds + 30)
    try:
        with Sniffer(runner.backend, runner.backend.capture(service.name)) as sniffer:
            began()
            packets = _read(sniffer, seconds)
        secrets = log.text() if log is not None else ""
    finally:
        if log is not None:
            log.stop()
    try:
        file.write_bytes(convert(packets, secrets.encode("ascii")))
        count = sum(1 for _ in frames(packets))
    except NotACapture as error:
        raise CaptureError(f"nothing was captured of {role}: {error}") from error
    lines = [line for line in secrets.splitlines() if not line.startswith("#")]
    return Captured(file, count, len(lines), len(packets) >= LARGEST)


def _read(sniffer: Sniffer, seconds: int) -> bytes:
    """What the sniffer writes for `seconds`, or until that is LARGEST."""
    timer = threading.Timer(seconds, sniffer.end)
    timer.start()
    pieces, size = [], 0
    for piece in sniffer.pieces():
        pieces.append(piece)
        size += len(piece)
        if size >= LARGEST:
            break
    timer.cancel()
    return b"".join(pieces)
