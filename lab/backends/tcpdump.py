"""How tcpdump is called, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable


def tcpdump(interface: str, ports: Iterable[int], seconds: int) -> tuple[str, ...]:
    """Whole packets of `ports`, unbuffered, as a pcap file on its output, for `seconds`."""
    wanted = " or ".join(f"port {port}" for port in ports)
    options = ("-i", interface, "-n", "-U", "-s", "0", "-Z", "root", "-w", "-")
    return ("timeout", "--signal=INT", str(seconds), "tcpdump", *options, wanted)
