"""What the UDP echo service is told."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoSettings(Settings):
    """Beside the port: `groups`, multicast addresses to join (`ADDRESS` or `ADDRESS%INTERFACE`).

    `receive_buffer` and `send_buffer` are the kernel's, in bytes (0: as the system has them); `longest` is
    the longest datagram echoed, and what is longer comes back cut. `peers` bounds how many clients are
    remembered for the control port.
    """

    role: str = "udp-echo"
    port: int = 7
    groups: tuple[str, ...] = ()
    receive_buffer: int = 4 * 1024 * 1024
    send_buffer: int = 1024 * 1024
    longest: int = 65_535
    peers: int = 4096
