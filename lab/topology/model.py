"""The yard as frozen dataclasses: services in their roles, networks, ports, and where each is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from lab.errors import TopologyError

ROLES = ("http1", "https", "h2c", "h2", "tcp-echo", "udp-echo", "proxy", "dns")
PROJECT = Path(__file__).resolve().parent.parent.parent


class View(StrEnum):
    """From where the yard is looked at: addresses and ports differ, authorities never do."""

    NETWORK = "network"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect (`address`, `port`) and whom to expect (`authority`)."""

    address: str
    port: int
    authority: str


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a service, and where the host publishes it (None: nowhere)."""

    number: int
    transport: str
    host: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A service's place on one network."""

    network: str
    ipv4: str | None
    ipv6: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """One network of the yard; `internal` ones have no way out."""

    name: str
    subnets: tuple[IPv4Network | IPv6Network, ...]
    internal: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One container or process. `ports` is keyed by name: `main`, `control`, `tls` …"""

    name: str
    role: str
    implementation: str
    authority: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    attachments: tuple[Attachment, ...]
    ports: Mapping[str, Port]
    profiles: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def declines(self) -> Mapping[str, str]:
        """Feature to reason, from the `wireyard.declines.` labels."""
        return self._labelled("wireyard.declines.")

    @property
    def embedded_declines(self) -> Mapping[str, str]:
        """The same for what a plain process cannot show: the `wireyard.embedded.declines.` labels."""
        return self._labelled("wireyard.embedded.declines.")

    def _labelled(self, prefix: str) -> Mapping[str, str]:
        return {k.removeprefix(prefix): v for k, v in self.labels.items() if k.startswith(prefix)}

    def own_ports(self) -> list[int]:
        """The ports of the contract, as the service itself numbers them."""
        return sorted({port.number for name, port in self.ports.items() if name != "control"})

    def endpoint(self, view: View, port: str = "main") -> Endpoint:
        """Where a client in `view` reaches the port called `port`. Raises TopologyError."""
        wanted = self.ports.get(port)
        if wanted is None:
            raise TopologyError("topology", self.name, f"wireyard.ports.{port}", "no such port")
        if view is View.NETWORK:
            address = next((a.ipv4 for a in self.attachments if a.ipv4), self.name)
            return Endpoint(address, wanted.number, self.authority)
        if wanted.host is None:
            raise TopologyError(
                "topology", self.name, f"wireyard.ports.{port}", "not reachable from the host"
            )
        return Endpoint(*wanted.host, self.authority)


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole yard, as the files in `files` describe it."""

    name: str
    services: Mapping[str, Service]
    networks: Mapping[str, Network]
    files: tuple[Path, ...]

    def service(self, role: str) -> Service:
        """The service that fills `role`. Raises TopologyError when none does."""
        found = next((s for s in self.services.values() if s.role == role), None)
        if found is None:
            raise TopologyError(str(self.files[0]), role, "wireyard.role", "no service has this role")
        return found

    def endpoint(self, role: str, view: View, port: str = "main") -> Endpoint:
        """Where a client in `view` reaches `port` of `role`. Raises TopologyError."""
        return self.service(role).endpoint(view, port)
