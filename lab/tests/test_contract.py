"""lab/contract.py reads the tables of services/*/CONTRACT.md and complains in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import contract
from lab import topology as topologies
from lab.contract import Tier
from lab.errors import ContractError
from lab.selection import Catalogue
from lab.topology import PROJECT, ROLES, Port, Service

GOOD = """# HTTP

Roles: http1, h2c

| other | table |
|---|---|
| not   | features |

| feature | roles | clause | tier | meaning |
|---|---|---|---|---|
| `keep-alive` | http1 | RFC 9112 9.3 | protocol | One connection, many requests. |
| `todos` | | | application | The tutorial's answer \\| or `""`. |
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / "services" / name / "CONTRACT.md"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder


def test_each_role_has_the_features_that_its_table_gives_it(tmp_path: Path) -> None:
    contracts = contract.load(write(tmp_path, "http", GOOD))
    assert contracts.folders == {"http": ("http1", "h2c")}
    assert set(contracts.features["http1"]) == {"keep-alive", "todos"}
    assert set(contracts.features["h2c"]) == {"todos"}
    found = contracts.feature("http1", "keep-alive")
    assert (found.clause, found.tier) == ("RFC 9112 9.3", Tier.PROTOCOL)
    assert contracts.feature("h2c", "todos").meaning == 'The tutorial\'s answer | or `""`.'


def test_without_a_line_of_roles_the_folder_is_the_role(tmp_path: Path) -> None:
    rows = [
        "| feature | clause | tier | meaning |",
        "|---|---|---|---|",
        "| `echo` | RFC 862 | protocol | Echo. |",
    ]
    text = "\n".join(rows)
    assert set(contract.load(write(tmp_path, "tcp_echo", text)).features) == {"tcp-echo"}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("| `Bad Name` | | | protocol | |", "no feature name"),
        ("| `x` | dns | | protocol | |", "a role that this contract is not for"),
        ("| `x` | | | best-effort | |", "tier 'best-effort' is none of protocol, application, witness"),
        ("| `todos` | | | protocol | |", "'todos' is listed twice"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(row: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=rf"CONTRACT\.md:13: .*{complaint}"):
        contract.load(write(tmp_path, "http", GOOD + row + "\n"))


def test_an_unknown_feature_is_an_error(tmp_path: Path) -> None:
    contracts = contract.load(write(tmp_path, "http", GOOD))
    with pytest.raises(ContractError, match="role 'h2c' has no feature 'keep-alive'"):
        contracts.feature("h2c", "keep-alive")


OFFERED = """| feature | clause | tier | port | meaning |
|---|---|---|---|---|
| `half-close` | RFC 862 | protocol | | FIN for FIN. |
| `secret` | RFC 8446 | protocol | `tls` | The same inside TLS. |
| `journal` | | witness | | What the service saw. |
"""


def service(*ports: str, **labels: str) -> Service:
    """A TCP echo with these ports and `wireyard.` labels (dots as underscores)."""
    known = {f"wireyard.{name.replace('_', '.')}": text for name, text in labels.items()}
    return Service(
        name="tcp-echo",
        role="tcp-echo",
        implementation="mine",
        authority="tcp-echo.wireyard.test",
        image="",
        command=(),
        environment={},
        attachments=(),
        ports={name: Port(7, "tcp") for name in ports},
        profiles=(),
        depends_on=(),
        labels=known,
    )


def test_who_has_every_port_declines_nothing(tmp_path: Path) -> None:
    contracts = contract.load(write(tmp_path, "tcp_echo", OFFERED))
    assert contracts.declines(service("main", "tls", "control")) == {}


def test_without_a_control_port_nobody_owes_the_witness_tier_and_it_may_work_all_the_same(
    tmp_path: Path,
) -> None:
    found = contract.load(write(tmp_path, "tcp_echo", OFFERED)).declines(service("main", "tls"))
    assert set(found) == {"journal"}
    assert not found["journal"].firm
    assert found["journal"].reason.startswith("mine has no control port")


def test_a_journal_that_is_declined_may_tell_some_of_it_all_the_same(tmp_path: Path) -> None:
    mine = service("main", "tls", "control", declines_journal="ASGI hides it", declines_secret="none")
    found = contract.load(write(tmp_path, "tcp_echo", OFFERED)).declines(mine)
    assert {name: decline.firm for name, decline in found.items()} == {"journal": False, "secret": True}


def test_what_needs_a_port_that_is_not_there_is_declined(tmp_path: Path) -> None:
    found = contract.load(write(tmp_path, "tcp_echo", OFFERED)).declines(service("main", "control"))
    assert found == {"secret": contract.Decline("mine has no port 'tls'")}


def test_a_label_says_more_than_what_follows_from_a_port(tmp_path: Path) -> None:
    mine = service("main", "control", declines_secret="for a reason")
    found = contract.load(write(tmp_path, "tcp_echo", OFFERED)).declines(mine)
    assert found == {"secret": contract.Decline("for a reason")}


def test_what_is_lacking_embedded_is_declined_there_alone(tmp_path: Path) -> None:
    contracts = contract.load(write(tmp_path, "tcp_echo", OFFERED))
    mine = service("main", "tls", "control", **{"embedded_declines_half-close": "one loopback"})
    assert contracts.declines(mine) == {}
    assert contracts.declines(mine, embedded=True) == {
        "half-close": contract.Decline("one loopback", firm=False)
    }


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role in ROLES for name in Catalogue().implementations(role)]
)
def test_every_swap_declines_features_of_its_own_role(role: str, name: str) -> None:
    contract.load().check(topologies.shipped(PROJECT / Catalogue().file(role, name)))
