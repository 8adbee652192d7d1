"""What is generated in README.md is current, and a neighbour's variables cover every port."""

from __future__ import annotations

import re

import pytest

from lab import neighbour, readme, topology
from lab.errors import LabError
from lab.topology import PROJECT, View


def test_the_table_and_the_diagram_are_those_of_compose_yaml() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert text == readme.refreshed(text, topology.shipped()), "make readme writes them again"


def test_a_readme_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(LabError, match="no place for services"):
        readme.refreshed("nothing here", topology.shipped())


@pytest.mark.parametrize("number", [2, 10, 24, neighbour.MOST])
def test_a_neighbour_shares_no_port_network_or_name_with_the_yard(number: int) -> None:
    ours = topology.shipped()
    theirs = topology.load([PROJECT / "compose.yaml"], environ=neighbour.variables(number))
    assert not _places(ours) & _places(theirs)
    assert ours.name != theirs.name
    networks = {subnet for network in ours.networks.values() for subnet in network.subnets}
    assert not networks & {subnet for network in theirs.networks.values() for subnet in network.subnets}


def test_the_page_of_a_neighbour_bears_its_name() -> None:
    theirs = topology.load([PROJECT / "compose.yaml"], environ=neighbour.variables(2))
    told = theirs.service("console").environment
    assert topology.load([PROJECT / "compose.yaml"], environ=told).name == "wireyard2"


def _places(yard: topology.Topology) -> set[tuple[str, int, str]]:
    return {
        (port.host[0], port.host[1], port.transport)
        for service in yard.services.values()
        for port in service.ports.values()
        if port.host
    }


def test_the_first_yard_is_the_one_as_shipped() -> None:
    shipped = topology.shipped()
    same = topology.load([PROJECT / "compose.yaml"], environ=neighbour.variables(1))
    for role in topology.ROLES:
        assert shipped.endpoint(role, View.HOST) == same.endpoint(role, View.HOST)


def test_every_published_port_has_a_variable_of_its_own() -> None:
    text = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    published = re.findall(r"127\.0\.0\.1:(\S+?):\d+", text)
    assert all(re.fullmatch(r"\$\{WIREYARD_\w+_PORT:-\d+\}", place) for place in published)
