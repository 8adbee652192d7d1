"""A capture is given the secrets of the handshakes that stand in it, and of no other."""

from __future__ import annotations

from typing import Any

from lab.capture.secrets import Secrets
from lab.errors import CaptureError

ONE, TWO = "11" * 32, "22" * 32


class Log:
    """A service's key log, which may be off or gone."""

    def __init__(self, text: str | None) -> None:
        self.written, self.calls = text, [""]

    def start(self, _seconds: int) -> None:
        self.calls.append("start")

    def text(self) -> str:
        if self.written is None:
            raise CaptureError("gone")
        return self.written

    def stop(self) -> None:
        self.calls.append("stop")


def hello(random: str) -> bytes:
    return b"frame" + b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes.fromhex(random) + b"more"


def secrets(*logs: Any) -> Secrets:
    return Secrets(logs)


def test_only_the_handshakes_in_the_capture_are_told() -> None:
    log = Log(
        f"# note\nCLIENT_TRAFFIC_SECRET_0 {ONE} aa\nSERVER_TRAFFIC_SECRET_0 {ONE} bb\nEXPORTER {TWO} cc\n"
    )
    assert secrets(log).of(hello(ONE)).splitlines() == [
        f"CLIENT_TRAFFIC_SECRET_0 {ONE} aa",
        f"SERVER_TRAFFIC_SECRET_0 {ONE} bb",
    ]


def test_what_was_gathered_outlives_the_service_that_wrote_it() -> None:
    log = Log(f"EXPORTER {ONE} aa\n")
    kept = secrets(log)
    kept.of(b"")
    log.written = None
    assert kept.of(hello(ONE)) == f"EXPORTER {ONE} aa\n"
    assert log.calls[-1] == "start"


def test_every_log_is_stopped_at_the_end() -> None:
    log = Log("")
    with secrets(log).kept():
        assert log.calls[-1] == "start"
    assert log.calls[-1] == "stop"
