"""The yard as frozen dataclasses, read from compose.yaml and the override files in use.

Nothing here talks to Docker: the same reading serves both backends, the certificates, the DNS zones,
the clients and the diagrams.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from lab import compose_file
from lab.errors import TopologyError

ROLES = ("http1", "https", "h2c", "h2", "tcp-echo", "udp-echo", "proxy", "dns")
PROJECT = Path(__file__).resolve().parent.parent


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


def load(
    files: Sequence[Path] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path = PROJECT,
) -> Topology:
    """Reads the yard from `files`, or as Compose would: from COMPOSE_FILE in the environment or `.env`.

    Raises LabError for an unreadable file and TopologyError naming file, service and field.
    """
    variables = compose_file.environment(directory, os.environ if environ is None else environ)
    chosen = tuple(files) if files else _compose_files(variables, directory)
    tree = compose_file.load(chosen, variables)
    source = "+".join(file.name for file in chosen)
    networks = {name: _network(name, body or {}) for name, body in (tree.get("networks") or {}).items()}
    services = {
        name: _Reader(source, name, body).service(networks)
        for name, body in (tree.get("services") or {}).items()
    }
    name = variables.get("COMPOSE_PROJECT_NAME") or tree.get("name") or directory.name
    return Topology(str(name), services, networks, chosen)


def _compose_files(variables: Mapping[str, str], directory: Path) -> tuple[Path, ...]:
    chosen = variables.get("COMPOSE_FILE", "compose.yaml")
    return tuple(directory / name for name in chosen.split(variables.get("COMPOSE_PATH_SEPARATOR", ":")))


def _network(name: str, body: Mapping[str, Any]) -> Network:
    config = (body.get("ipam") or {}).get("config") or []
    return Network(name, tuple(ip_network(c["subnet"]) for c in config), bool(body.get("internal", False)))


class _Reader:
    """Turns one service's mapping into a Service; every complaint names file, service and field."""

    def __init__(self, source: str, name: str, body: object) -> None:
        self._source, self._name = source, name
        if not isinstance(body, dict):
            raise self._error("", "is not a mapping")
        self._body = body
        self._labels = self._mapping("labels")

    def service(self, networks: Mapping[str, Network]) -> Service:
        labels = self._labels
        return Service(
            name=self._name,
            role=labels.get("wireyard.role", self._name),
            implementation=labels.get("wireyard.implementation", "unknown"),
            authority=labels.get("wireyard.authority", self._name),
            image=str(self._body.get("image", "")),
            command=self._command(),
            environment=self._mapping("environment"),
            attachments=self._attachments(networks),
            ports=self._ports(),
            profiles=tuple(self._body.get("profiles") or ()),
            depends_on=tuple(self._body.get("depends_on") or ()),
            labels=labels,
        )

    def _error(self, field: str, problem: str) -> TopologyError:
        return TopologyError(self._source, self._name, field, problem)

    def _mapping(self, field: str) -> dict[str, str]:
        value = self._body.get(field) or {}
        if isinstance(value, list):
            value = dict(str(item).partition("=")[::2] for item in value)
        if not isinstance(value, dict):
            raise self._error(field, "is neither a mapping nor a list of NAME=VALUE")
        return {str(k): "" if v is None else str(v) for k, v in value.items()}

    def _command(self) -> tuple[str, ...]:
        value = self._body.get("command") or []
        if not isinstance(value, list):
            raise self._error("command", "is not a list of words")
        return tuple(str(word) for word in value)

    def _attachments(self, networks: Mapping[str, Network]) -> tuple[Attachment, ...]:
        attached = self._body.get("networks") or {}
        if isinstance(attached, list):
            attached = dict.fromkeys(attached)
        unknown = sorted(set(attached) - set(networks))
        if unknown:
            raise self._error("networks", f"there is no network {unknown[0]!r}")
        return tuple(
            Attachment(name, (body or {}).get("ipv4_address"), (body or {}).get("ipv6_address"))
            for name, body in attached.items()
        )

    def _ports(self) -> dict[str, Port]:
        prefix = "wireyard.ports."
        named = {k.removeprefix(prefix): v for k, v in self._labels.items() if k.startswith(prefix)}
        published = self._published()
        return {name: self._port(name, text, published) for name, text in named.items()}

    def _port(self, name: str, text: str, published: Mapping[tuple[int, str], tuple[str, int]]) -> Port:
        field = f"labels, wireyard.ports.{name}"
        number, _, transport = text.partition("/")
        if transport not in {"tcp", "udp"}:
            raise self._error(field, f"{text!r} is not NUMBER/tcp or NUMBER/udp")
        key = (self._number(field, number), transport)
        embedded = self._labels.get("wireyard.embedded") if name == "main" else None
        if embedded:
            host, _, host_port = embedded.rpartition(":")
            return Port(*key, (host, self._number("labels, wireyard.embedded", host_port)))
        return Port(*key, published.get(key))

    def _published(self) -> dict[tuple[int, str], tuple[str, int]]:
        return dict(map(self._publication, self._body.get("ports") or ()))

    def _publication(self, entry: object) -> tuple[tuple[int, str], tuple[str, int]]:
        """Port and transport, and where the host has them; both of Compose's spellings."""
        if isinstance(entry, dict):
            address, transport = entry.get("host_ip", "127.0.0.1"), entry.get("protocol", "tcp")
            published, target = str(entry.get("published", "")), str(entry.get("target", ""))
        else:
            mapping, _, transport = str(entry).partition("/")
            address, published, target = ["127.0.0.1", *mapping.rsplit(":", 2)][-3:]
        key = (self._number("ports", target), transport or "tcp")
        return key, (address.strip("[]"), self._number("ports", published))

    def _number(self, field: str, text: str) -> int:
        if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
            return int(text)
        raise self._error(field, f"{text!r} is not a port")
