"""The yard under test: the fixtures `yard`, `endpoint`, `ca` and `journal`.

WIREYARD_VIEW says from where the suite looks (`host`, or `network` inside the client container), WIREYARD_CA
where the certificate authority is. Nothing here knows an implementation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab import topology as topologies
from lab.backends import addresses
from lab.state import StateDirectory
from lab.topology import Endpoint, Service, Topology, View
from tests.support.journal import DECLINED_WITHIN, WITHIN, Journal


@dataclass(frozen=True)
class Yard:
    """The topology as seen from `view`, and the file that clients trust. `asked` is for the evidence."""

    topology: Topology
    view: View
    ca: Path
    declines: Mapping[str, str]
    embedded: bool = True
    asked: set[str] = field(default_factory=set, compare=False)

    def service(self, role: str) -> Service:
        """The service that fills `role`."""
        return self.topology.service(role)

    def endpoint(self, role: str, port: str = "main") -> Endpoint:
        """Where to connect, and whom to expect."""
        self.asked.add(role)
        return self.topology.endpoint(role, self.view, port)

    def ipv6(self, role: str) -> str:
        """The IPv6 address of `role`: its own on the network; loopback, if any, on the host."""
        if self.view is View.HOST:
            return "::1"
        found = next((a.ipv6 for a in self.service(role).attachments if a.ipv6), None)
        assert found is not None, f"{role} has no IPv6 address in the topology"
        return found

    def journal(self, role: str) -> Journal:
        """What the service of `role` saw. Declined, with the reason, for one that keeps no journal."""
        if "control" not in self.service(role).ports:
            pytest.skip(f"declined: journal: {self.service(role).implementation} has no control port")
        if "journal" in self.declines:
            pytest.skip(f"declined: journal: {self.declines['journal']}")
        self.asked.add(role)
        partial = any(name.startswith("journal") for name in self.service(role).declines)
        within = DECLINED_WITHIN if partial else WITHIN
        return Journal(self.topology.endpoint(role, self.view, "control"), within)


def open_yard() -> Yard:
    """The yard that the environment describes. Raises LabError."""
    view = View(os.environ.get("WIREYARD_VIEW", View.HOST))
    ca = os.environ.get("WIREYARD_CA") or StateDirectory.here().ca
    backend = os.environ.get("WIREYARD_BACKEND", "embedded")
    return Yard(topologies.load(), view, Path(ca), declined_from(view, backend), backend == "embedded")


def declined_from(view: View, backend: str) -> Mapping[str, str]:
    """What no implementation can show to a suite that looks from `view`, and why."""
    if view is View.NETWORK:
        return {}
    hidden = {
        "loopback-only": "every service of the host's own yard listens on loopback",
        "stub": "the host's own stub resolver knows no name of the yard",
        "isolation": "a private network needs two networks; the host has one loopback",
    }
    if backend == "compose":
        hidden["ipv6"] = "published ports listen on an IPv4 loopback address"
        hidden["unix"] = "the socket lies in a volume of the containers"
        hidden["multicast"] = "a group on the containers' network is not joined by the host"
        hidden["journal"] = "a published port hides the client's own address from the service"
    elif not addresses.exists("::1"):
        hidden["ipv6"] = "this machine has no IPv6 loopback"
    return hidden


@pytest.fixture(scope="session")
def yard() -> Yard:
    """The yard under test."""
    return open_yard()


@pytest.fixture(scope="session")
def endpoint(yard: Yard) -> Callable[..., Endpoint]:
    """`endpoint(role, port="main")`: where to connect, and whom to expect."""
    return yard.endpoint


@pytest.fixture(scope="session")
def ca(yard: Yard) -> Path:
    """The PEM file of the authorities that clients of the yard trust."""
    return yard.ca


@pytest.fixture
def journal(yard: Yard) -> Callable[[str], Journal]:
    """`journal(role)`: what the service of `role` saw; the test is declined where none is kept."""
    return yard.journal
