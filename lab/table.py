"""The tables that the runner prints: what runs, where, and a command to try it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from lab.backends import State, Status
from lab.backends.processes import listening, staying
from lab.selection import REFERENCE, Catalogue
from lab.state import StateDirectory
from lab.topology import ROLES, Service, Topology, View

_COLOURS = {State.RUNNING: "green", State.STARTING: "yellow", State.FAILED: "red", State.DOWN: "dim"}


def services(topology: Topology, status: Mapping[str, Status], backend: str) -> Table:
    """Role, implementation, endpoint on the host, state, restarts and memory."""
    table = _table("role", "implementation", "on the host")
    table.add_column("state", overflow="fold")
    for heading in ("restarts", "memory"):
        table.add_column(heading, justify="right", no_wrap=True)
    for service in staying(topology):
        now = status.get(service.name, Status(service.name, State.DOWN))
        table.add_row(
            service.role,
            service.implementation,
            _lines(on_the_host(service, backend)),
            Text(_state(now), style=_COLOURS[now.state]),
            str(now.restarts or "·"),
            f"{now.memory / 1e6:.0f} MB" if now.memory else "·",
        )
    return table


def tries(topology: Topology, state: StateDirectory, backend: str) -> str:
    """For each role a command to try it, in a line that a terminal may wrap and a person may copy."""
    commands = {s.role: try_command(topology, s, state, backend) for s in listening(topology)}
    return "\n".join(f"{role:8}  {command}" for role, command in commands.items() if command)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _lines(text: str) -> str:
    """What is listed with commas, one below the other: a column stays as narrow as its widest."""
    return text.replace(", ", "\n")


def as_json(topology: Topology, status: Mapping[str, Status], backend: str) -> str:
    """The same for programs; memory in bytes, uptime in seconds, null for what is not known."""
    described = {}
    for service in staying(topology):
        now = status.get(service.name, Status(service.name, State.DOWN))
        control = service.ports.get("control")
        told = {"role": service.role, "implementation": service.implementation, **asdict(now)}
        told["host"] = on_the_host(service, backend).split(", ") if _published(service, backend) else []
        told["control"] = f"{control.host[0]}:{control.host[1]}" if control and control.host else None
        described[told.pop("service")] = told
    return json.dumps({"backend": backend, "services": described}, indent=2, ensure_ascii=False) + "\n"


def on_the_host(service: Service, backend: str) -> str:
    """`ADDRESS:PORT` as published, every port of the contract; where nothing is, says so."""
    if not _published(service, backend):
        return "not published"
    shown = {f"{p.host[0]}:{p.host[1]}" for n, p in service.ports.items() if p.host and n != "control"}
    return ", ".join(sorted(shown)) or "not published"


def _published(service: Service, backend: str) -> bool:
    hidden = backend == "compose" and "wireyard.embedded" in service.labels
    return "main" in service.ports and not hidden


def try_command(topology: Topology, service: Service, state: StateDirectory, backend: str) -> str:
    """The `wireyard.try` label with this yard's ports and files filled in; empty when there is none."""
    template = service.labels.get("wireyard.try", "")
    main = service.ports["main"]
    if not template or main.host is None:
        return ""
    view = View.NETWORK if backend == "compose" else View.HOST
    vault = topology.endpoint("vault", view).port if "vault" in topology.services else ""
    return template.format(port=main.host[1], authority=service.authority, ca=state.ca_typed, vault=vault)


def _state(now: Status) -> str:
    if now.state is State.RUNNING and now.uptime is not None:
        return f"running {_duration(now.uptime)}"
    return f"{now.state} ({now.detail})" if now.detail else str(now.state)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def swaps(topology: Topology) -> Table:
    """For each role, what is in place and what else there is."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("role", "in place", "available"):
        table.add_column(heading)
    for role in ROLES:
        others = (REFERENCE, *Catalogue().implementations(role))
        table.add_row(role, topology.service(role).implementation, ", ".join(others))
    return table


def places(topology: Topology) -> Table:
    """Every service with its authority, addresses and ports on the networks and on the host."""
    table = _table("role\nfilled by", "authority", "addresses", "ports", "on the host", "control")
    for service in staying(topology):
        addresses = [a for place in service.attachments for a in (place.ipv4, place.ipv6) if a]
        numbers = [f"{p.number}/{p.transport}" for name, p in service.ports.items() if name != "control"]
        control = service.ports.get("control")
        table.add_row(
            Text.assemble((service.role, "bold"), "\n", (service.implementation, "dim")),
            service.authority if addresses else "",
            "\n".join(addresses) or "no network",
            "\n".join(numbers),
            _lines(on_the_host(service, "compose")),
            str(control.host[1]) if control and control.host else "·",
        )
    return table
