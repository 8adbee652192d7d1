"""Who is never answered: an answer to another service could start a loop or a flood (CERT CA-1996-01)."""

from __future__ import annotations

from collections.abc import Collection

# RFC 6335 6: System Ports. No client sends from one unless it is itself a service.
SYSTEM_PORTS = range(1024)

# Services above them that answer whatever they are sent, and are known as reflectors (CISA TA14-017A).
REFLECTORS: dict[int, str] = {
    1900: "SSDP",
    3283: "Apple Remote Desktop",
    3702: "WS-Discovery",
    5060: "SIP",
    5353: "mDNS (RFC 6762)",
    5683: "CoAP (RFC 7252)",
    10001: "Ubiquiti discovery",
    11211: "memcached",
    27015: "Source engine queries",
}


def refused_ports(own: Collection[int]) -> dict[int, str]:
    """Source ports that get no answer, with the reason. `own` are the ports this service listens on."""
    refused = dict.fromkeys(SYSTEM_PORTS, "a system port")
    refused |= {port: f"the port of {name}" for port, name in REFLECTORS.items()}
    return refused | dict.fromkeys(own, "the port of an echo service")
