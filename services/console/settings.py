"""What the console is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings(Settings):
    """`results` is where the last suite run and the interop matrix lie, if anywhere.

    `hosts` are the names under which a browser may ask for the page; any other is refused, so that a
    foreign page whose name was bent to loopback (DNS rebinding) learns nothing.
    """

    role: str = "console"
    port: int = 7790
    results: Path | None = None
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "console.wireyard.test")
