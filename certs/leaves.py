"""Which services need a certificate, and for which names and addresses: read from the topology."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from certs.errors import BadRequestError
from certs.make import Leaf

if TYPE_CHECKING:
    from lab.topology import Service, Topology

TLS_ROLES = ("https", "h2", "proxy", "dns")
HERE = ("localhost",), ("127.0.0.1", "::1")
"""The host's own names, under which every published port is reached as well."""


def from_topology(yard: "Topology") -> tuple[Leaf, ...]:
    """One leaf for each service that fills a TLS role."""
    return tuple(_leaf(service) for service in yard.services.values() if service.role in TLS_ROLES)


def life_in(yard: "Topology") -> str | None:
    """How long they last, in seconds, as the service that makes them is told."""
    making = yard.services.get("certs")
    return making.environment.get("WIREYARD_CERTS_LIFE") if making else None


def _leaf(service: "Service") -> Leaf:
    addresses = [address for place in service.attachments for address in (place.ipv4, place.ipv6) if address]
    names, here = HERE
    wanted = (service.authority, f"*.{service.authority}", *names)  # the wildcard: protocol cases by name
    return Leaf(service.role, wanted, (*addresses, *here))


def parse(text: str) -> Leaf:
    """A leaf from `ROLE=NAME,ADDRESS,…`; raises BadRequestError for text without a role or a name."""
    role, _, rest = text.partition("=")
    words = [word for word in rest.split(",") if word]
    names, addresses = apart(words)
    if not role or not names or "/" in role:
        raise BadRequestError(f"{text!r} is not ROLE=NAME,ADDRESS,…")
    return Leaf(role, names, addresses)


def apart(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names, and the addresses."""
    listed = tuple(words)
    addresses = tuple(filter(is_address, listed))
    return tuple(word for word in listed if word not in addresses), addresses


def is_address(word: str) -> bool:
    """Whether `word` is an IPv4 or IPv6 address."""
    try:
        ip_address(word)
    except ValueError:
        return False
    return True
