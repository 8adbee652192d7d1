"""How tcpdump is called, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable

# KiB that the kernel keeps of what tcpdump has not read yet: a bulk transfer must not push the rest out.
_BUFFER = 16 * 1024
# It ends with its input: whoever asked for packets may be gone, and a sidecar must not stay.
# What waits for that end holds neither of tcpdump's outputs: their ends tell that it was refused.
_UNTIL_END_OF_INPUT = 'exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec "$@" 3<&-'


def tcpdump(interface: str, ports: Iterable[int]) -> tuple[str, ...]:
    """Whole packets of `ports` as a pcap file on its output, until its input ends."""
    wanted = " or ".join(f"port {port}" for port in ports)
    options = ("-i", interface, "-n", "-U", "-s", "0", "-B", str(_BUFFER), "-Z", "root", "-w", "-")
    return ("sh", "-c", _UNTIL_END_OF_INPUT, "sh", "tcpdump", *options, wanted)
