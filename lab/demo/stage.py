"""The yard as a stage: commands where the clients are, swaps and crashes by the lab's own hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from lab import swap as swaps
from lab.demo.journal import Journal
from lab.errors import TopologyError
from lab.runner import Runner
from lab.swap import Wish
from lab.topology import Topology, View


class YardStage:
    """Plays on the yard of `runner`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def run(self, words: Sequence[str]) -> str:
        """One command where the clients are."""
        return self._runner.backend.run(words)

    def swap(self, role: str, implementation: str) -> str:
        """Replaces one service, and waits until the new one answers."""
        found = swaps.swap(Wish(role, implementation), self._runner)
        return f"{role}={implementation} took over in {found.ready:.1f} s" if found else "no yard is up"

    def kill(self, role: str) -> str:
        """A crash, and the recovery from it."""
        return self._runner.kill(role)


def words(topology: Topology, view: View, ca: str) -> Mapping[str, object]:
    """The placeholders of commands: each role (`-` written `_`) with address, port and authority; {ca}."""
    found: dict[str, object] = {"ca": ca}
    for service in topology.services.values():
        if "main" in service.ports:
            endpoint = service.endpoint(view)
            found[service.role.replace("-", "_")] = SimpleNamespace(
                address=endpoint.address, port=endpoint.port, authority=endpoint.authority
            )
    return found


def journals(topology: Topology) -> Mapping[str, Journal]:
    """The journals that can be read from the host, by role."""
    found = {}
    for service in topology.services.values():
        try:
            found[service.role] = Journal(service.endpoint(View.HOST, "control"))
        except TopologyError:
            continue
    return found
