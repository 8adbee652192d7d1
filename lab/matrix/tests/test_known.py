"""lab/matrix/known.py: which failures of others have a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import ContractError
from lab.matrix import known
from lab.selection import Catalogue
from lab.topology import ROLES


def write(folder: Path, text: str) -> Path:
    file = folder / "services" / "proxy" / "swaps" / "known.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder


def test_an_entry_covers_its_tests_alone(tmp_path: Path) -> None:
    text = "- {implementation: squid, tests: ['tests/a.py::test_b[[*]:80]'], reason: lenient}"
    found = known.load(write(tmp_path, text))
    assert known.find(found, "proxy", "squid", "tests/a.py::test_b[[::1]:80]") == found[0]
    assert known.find(found, "proxy", "squid", "tests/a.py::test_b[::1:80]") is None
    assert known.find(found, "proxy", "node", "tests/a.py::test_b[[::1]:80]") is None


def test_an_entry_may_be_for_some_roles(tmp_path: Path) -> None:
    text = "- {implementation: nginx, roles: [h2], tests: ['*'], reason: why, link: 'https://example.org/1'}"
    found = known.load(write(tmp_path, text))
    assert known.find(found, "h2", "nginx", "x") == found[0]
    assert known.find(found, "h2c", "nginx", "x") is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- {implementation: squid, tests: [a]}", "entry 1: implementation, tests and reason are needed"),
        ("- {implementation: squid, test: a, reason: b}", "'test' is none of"),
    ],
)
def test_an_entry_that_is_wrong_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=complaint):
        known.load(write(tmp_path, text))


def test_every_entry_of_the_yard_is_about_something_there_is() -> None:
    names = {name for role in ROLES for name in Catalogue().implementations(role)}
    assert {entry.implementation for entry in known.load()} <= names
