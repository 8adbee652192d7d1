"""From one service's mapping in a Compose file to a Service."""

from __future__ import annotations

from collections.abc import Mapping

from lab.errors import TopologyError
from lab.topology.model import Attachment, Network, Port, Service


class Reader:
    """Turns one service's mapping into a Service; every complaint names file, service and field."""

    def __init__(self, source: str, name: str, body: object) -> None:
        self._source, self._name = source, name
        if not isinstance(body, dict):
            raise self._error("", "is not a mapping")
        self._body = body
        self._labels = self._mapping("labels")

    def service(self, networks: Mapping[str, Network]) -> Service:
        """The service, on some of `networks`. Raises TopologyError."""
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
