"""lab/matrix/known.py: which failures of others have a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab.errors import ContractError
from lab.matrix import known
from lab.matrix.model import Outcome, Run, Test
from lab.selection import Catalogue
from lab.topology import ROLES


def write(folder: Path, text: str) -> Path:
    file = folder / "services" / "http" / "swaps" / "known.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder


TEST = "tests/a.py::test_b"


def test_an_entry_covers_its_cases_alone(tmp_path: Path) -> None:
    text = f"- {{implementation: squid, tests: {{'{TEST}': ['[::1]:80']}}, reason: lenient}}"
    found = known.load(write(tmp_path, text))
    assert known.find(found, "proxy", "squid", f"{TEST}[[::1]:80]") == found[0]
    assert known.find(found, "proxy", "squid", f"{TEST}[::1:80]") is None
    assert known.find(found, "proxy", "squid", TEST) is None
    assert known.find(found, "proxy", "node", f"{TEST}[[::1]:80]") is None


def test_an_entry_without_cases_is_about_the_test_that_has_none(tmp_path: Path) -> None:
    found = known.load(
        write(tmp_path, f"- {{implementation: squid, tests: {{'{TEST}': }}, reason: lenient}}")
    )
    assert known.find(found, "proxy", "squid", TEST) == found[0]
    assert known.find(found, "proxy", "squid", f"{TEST}[1]") is None


def test_an_entry_may_be_for_some_roles(tmp_path: Path) -> None:
    text = f"- {{implementation: nginx, roles: [h2], tests: {{'{TEST}': }}, reason: why, link: 'https://a.test/1'}}"
    found = known.load(write(tmp_path, text))
    assert known.find(found, "h2", "nginx", f"{TEST}[h2]") == found[0]
    assert known.find(found, "h2c", "nginx", f"{TEST}[h2c]") is None


@pytest.mark.parametrize(
    ("test", "identity"),
    [
        (f"{TEST}[h2]", TEST),
        (f"{TEST}[h2-a case]", f"{TEST}[a case]"),
        (f"{TEST}[a case-h2]", f"{TEST}[a case]"),
        (f"{TEST}[h2: curl]", f"{TEST}[curl]"),
        (f"{TEST}[h2c-a case]", f"{TEST}[h2c-a case]"),
        (TEST, TEST),
    ],
)
def test_the_role_is_no_part_of_an_identity(test: str, identity: str) -> None:
    assert known.without_role(test, "h2") == identity


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- {implementation: squid, tests: {a: }}", "entry 1: implementation, tests and reason are needed"),
        ("- {implementation: squid, test: a, reason: b}", "'test' is none of"),
        ("- {implementation: squid, tests: [a], reason: b}", "maps each test to a list of its cases"),
        ("- {implementation: squid, tests: {a: }, reason: b, roles: [h3]}", "'h3' is no role"),
        ("- {implementation: squid, tests: {a: }, reason: b, sometimes: 1}", "sometimes is true or false"),
    ],
)
def test_an_entry_that_is_wrong_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=complaint):
        known.load(write(tmp_path, text))


def test_every_entry_of_the_yard_is_about_something_there_is() -> None:
    names = {name for role in ROLES for name in Catalogue().implementations(role)}
    entries = known.load()
    assert {entry.implementation for entry in entries} <= names
    for entry in entries:
        for role in entry.roles:
            assert entry.implementation in Catalogue().implementations(role)


@pytest.mark.parametrize(
    ("http1", "h2", "outlived"),
    [
        (Outcome.PASSED, Outcome.PASSED, ["nginx: tests/a.py::test_b[case]"]),
        (Outcome.PASSED, Outcome.FAILED, []),
        (Outcome.PASSED, Outcome.FLAKY, []),
        (Outcome.PASSED, None, []),
    ],
)
def test_what_passes_in_every_role_of_its_entry_has_outlived_it(
    http1: Outcome, h2: Outcome | None, outlived: list[str]
) -> None:
    entry = known.Known("nginx", ("http1", "h2"), frozenset({f"{TEST}[case]"}), "lenient")
    runs = [_run(role, outcome) for role, outcome in (("http1", http1), ("h2", h2)) if outcome]
    assert list(known.outlived([entry], runs)) == outlived


def test_what_fails_now_and_then_has_not_outlived_its_entry_when_it_passes(tmp_path: Path) -> None:
    text = f"- {{implementation: nginx, sometimes: true, tests: {{'{TEST}': [case]}}, reason: a reset}}"
    [entry] = known.load(write(tmp_path, text))
    assert entry.covers("http1", "nginx", f"{TEST}[http1-case]")
    assert list(known.outlived([entry], [_run("http1", Outcome.PASSED)])) == []
    steady = replace(entry, sometimes=False)
    assert list(known.outlived([steady], [_run("http1", Outcome.PASSED)])) == [f"nginx: {TEST}[case]"]


def _run(role: str, outcome: Outcome) -> Run:
    return Run(role, "nginx", {}, "", {}, tests=(Test(f"{TEST}[{role}-case]", (), (), outcome, 0.1),))
