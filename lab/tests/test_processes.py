"""lab/backends/processes.py says in the host's terms what compose.yaml says in the network's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lab import topology
from lab.backends import addresses
from lab.backends.processes import Process, processes
from lab.state import StateDirectory

STATE = StateDirectory(Path("/state"))


@pytest.fixture(scope="module")
def yard() -> dict[str, Process]:
    return dict(processes(topology.shipped(), STATE, {"WIREYARD_NET": "10.9", "HOME": "/root"}))


def test_everything_that_stays_becomes_a_process_and_nothing_else(yard: dict[str, Process]) -> None:
    assert set(yard) == {*topology.ROLES, "vault", "console", "renewal"}


def test_python_is_the_one_that_runs_the_lab(yard: dict[str, Process]) -> None:
    assert yard["dns"].command[0] == sys.executable


def test_ports_are_those_that_containers_publish(yard: dict[str, Process]) -> None:
    expected = {"WIREYARD_PORT": "7728", "WIREYARD_TLS_PORT": "7729", "WIREYARD_CONTROL_PORT": "7717"}
    assert expected.items() <= yard["proxy"].environment.items()
    assert yard["proxy"].environment["WIREYARD_ADDRESS"] == "127.0.0.1"
    assert yard["proxy"].environment["WIREYARD_VIEW"] == "host"


@pytest.mark.parametrize(("there", "addresses"), [(True, "127.0.0.1,::1"), (False, "127.0.0.1")])
def test_both_families_where_the_contract_has_them_and_the_machine_too(
    monkeypatch: pytest.MonkeyPatch, there: bool, addresses: str
) -> None:
    monkeypatch.setattr("lab.backends.addresses.exists", lambda address: there and address == "::1")
    made = processes(topology.shipped(), STATE, {})
    assert made["tcp-echo"].environment["WIREYARD_ADDRESS"] == addresses
    assert made["udp-echo"].environment["WIREYARD_ADDRESS"] == addresses
    assert made["http1"].environment["WIREYARD_ADDRESS"] == "127.0.0.1"


def test_an_address_of_this_machine_is_told_from_another() -> None:
    assert addresses.exists("127.0.0.1")
    assert not addresses.exists("192.0.2.1")


def test_what_has_no_published_control_port_has_none(yard: dict[str, Process]) -> None:
    assert "WIREYARD_CONTROL_PORT" not in yard["vault"].environment
    assert yard["vault"].environment["WIREYARD_ADDRESS"] == "127.77.1.10"


def test_certificates_are_below_the_state_folder(yard: dict[str, Process]) -> None:
    assert yard["h2"].environment["WIREYARD_CERTS"] == "/state/certs/h2"
    assert yard["h2"].environment["WIREYARD_CA"] == "/state/certs/ca/ca.pem"
    assert "WIREYARD_CERTS" not in yard["tcp-echo"].environment
    assert yard["renewal"].environment["WIREYARD_STORE"] == "/state/certs"


def test_the_proxy_asks_the_yard_and_reaches_the_yard_only(yard: dict[str, Process]) -> None:
    assert yard["proxy"].environment["WIREYARD_RESOLVER"] == "127.0.0.1:7753"
    allowed = yard["proxy"].environment["WIREYARD_ALLOW"].split(",")
    assert {"127.0.0.1:7780", "127.77.1.10:7799", "127.0.0.1:7729"} <= set(allowed)
    assert "127.0.0.1:7711" not in allowed


def test_variables_of_the_yard_are_inherited_and_others_are_not(yard: dict[str, Process]) -> None:
    assert yard["dns"].environment["WIREYARD_NET"] == "10.77"
    assert "HOME" not in yard["dns"].environment
