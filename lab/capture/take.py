"""Takes a capture of one role: packets where they pass, secrets from the service itself, one file."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from lab.capture.pcapng import NotACapture, convert, frames
from lab.errors import CaptureError, TopologyError
from lab.runner import Runner
from lab.topology import Service, View

LARGEST = 64 * 1024 * 1024
"""Bytes of packets after which a capture ends early."""
_PIECE = 1 << 16


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
    log = _KeyLog.of(service)
    if log is not None:
        log.start(seconds + 30)
    try:
        packets, full = _record(runner.backend.capture(service.name, seconds), began)
        secrets = log.text() if log is not None else ""
    finally:
        if log is not None:
            log.stop()
    try:
        file.write_bytes(convert(packets, secrets.encode("ascii")))
        count = sum(1 for _ in frames(packets))
    except NotACapture as error:
        raise CaptureError(f"nothing was captured of {role}: {error}") from error
    return Captured(file, count, sum(not line.startswith("#") for line in secrets.splitlines()), full)


def _record(command: Sequence[str], began: Callable[[], None]) -> tuple[bytes, bool]:
    """What the command writes until it ends; ended by us when that is more than LARGEST."""
    pieces, size = [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if process.stdout is None or process.stderr is None:
            raise CaptureError("the capture has no pipe")
        said = process.stderr.readline().decode("utf-8", "replace")
        if "listening on" in said:
            began()
        while size < LARGEST and (piece := process.stdout.read(_PIECE)):
            pieces.append(piece)
            size += len(piece)
        process.terminate()
        rest = process.stderr.read().decode("utf-8", "replace")
    if not pieces:
        raise CaptureError(_reason(said + rest))
    return b"".join(pieces), size >= LARGEST


def _reason(said: str) -> str:
    if "permission" in said.lower() or "not permitted" in said.lower():
        return "this user may not capture on loopback; run it as root, or use BACKEND=compose"
    return f"tcpdump ended at once: {said.strip()[-300:] or 'it said nothing'}"


class _KeyLog:
    """The key log of a service that keeps one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(trust_env=False, timeout=5)

    @classmethod
    def of(cls, service: Service) -> _KeyLog | None:
        """None for a service without TLS, or without a control port."""
        try:
            endpoint = service.endpoint(View.HOST, "control")
        except TopologyError:
            return None
        if "WIREYARD_CERTS" not in service.environment:
            return None
        return cls(f"http://{endpoint.address}:{endpoint.port}/keylog")

    def start(self, seconds: int) -> None:
        """Raises CaptureError when the service does not take it."""
        try:
            self._client.put(self._url, params={"seconds": str(seconds)}).raise_for_status()
        except httpx.HTTPError as error:
            raise CaptureError(f"the key log at {self._url} cannot be started: {error}") from error

    def text(self) -> str:
        """The secrets; raises CaptureError when the service has gone."""
        try:
            return self._client.get(self._url).raise_for_status().text
        except httpx.HTTPError as error:
            raise CaptureError(f"the key log at {self._url} cannot be read: {error}") from error

    def stop(self) -> None:
        """Ends it; a service that has gone took it along."""
        with suppress(httpx.HTTPError):
            self._client.delete(self._url)
        self._client.close()
