"""lab/matrix/judge.py: what a round comes to, with a suite that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from lab import contract
from lab.errors import LabError, NotReadyError
from lab.matrix import judge as judges
from lab.matrix.judge import ALONE, FLOODS, Judge
from lab.matrix.known import Known
from lab.matrix.model import Outcome, Run
from lab.swap import Judgement, Wish

TEST = "tests/proxy/test_it.py::test_it"
Told = Mapping[str, str]


class FakeBackend:
    """Each run of the suite tells the next of `told`: identity to outcome, roles by the identity's folder."""

    name = "compose"

    def __init__(self, file: Path, told: Sequence[Told]) -> None:
        self._file, self._told = file, list(told)
        self.asked: list[Sequence[str]] = []

    def test(self, arguments: Sequence[str], _log: IO[bytes], *, renew: bool) -> int:
        self.asked.append(arguments)
        if self._told:
            self._file.write_text(json.dumps({"tests": [_test(*one) for one in self._told.pop(0).items()]}))
        return 0

    def image(self, _service: str) -> str:
        return "sha256:1"

    def excerpt(self, service: str, _lines: int) -> str:
        return f"{service} said so"


def _test(name: str, outcome: str) -> dict[str, Any]:
    role = "proxy" if "proxy" in name else "h2c"
    return {"id": name, "roles": [role], "features": [], "clauses": [], "outcome": outcome, "seconds": 0.5}


def service(name: str) -> Any:
    return SimpleNamespace(name=name, role=name, implementation="squid", declines={}, embedded_declines={})


@pytest.fixture(autouse=True)
def no_yard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "versions", lambda _runner, _service: {"squid": "6.13"})
    monkeypatch.setattr(contract.Contracts, "declines", lambda *_words, **_more: {})


SQUID = Wish("proxy", "squid")
GATE = Judgement(ready=1.0, stopped=0.5)


class Round:
    """One round, judged."""

    def __init__(self, folder: Path, known: Sequence[Known] = ()) -> None:
        self.folder, self.known = folder, tuple(known)

    def judge(self, told: Sequence[Told], gates: Mapping[Wish, Judgement | LabError]) -> list[Run]:
        state = SimpleNamespace(outcomes=self.folder / "suite.json")
        self.backend = FakeBackend(state.outcomes, told)
        topology = SimpleNamespace(service=service)
        runner = SimpleNamespace(backend=self.backend, state=state, topology=topology)
        found = {wish.role: gate for wish, gate in gates.items()}
        stage: Any = SimpleNamespace(runner=runner, place=lambda _wishes: found)
        made = Judge(stage, self.folder, self.known, contract.Contracts({}, {}))
        return made.judge(list(gates), "round-1")


@pytest.mark.parametrize("then", ["passed", "declined"])
def test_what_fails_once_and_then_no_more_is_flaky(then: str, tmp_path: Path) -> None:
    one = Round(tmp_path)
    [run] = one.judge([{TEST: "failed"}, {TEST: then}], {SQUID: GATE})
    assert [test.outcome for test in run.tests] == [Outcome.FLAKY]
    assert TEST in one.backend.asked[1]
    assert len(one.backend.asked) == 2


def test_what_fails_among_others_and_not_alone_is_flaky(tmp_path: Path) -> None:
    cases = [f"{TEST}[{number}]" for number in range(3)]
    one, failed = Round(tmp_path), dict.fromkeys(cases, "failed")
    told = [failed, {**failed, cases[0]: "passed"}, {cases[1]: "passed", cases[2]: "failed"}]
    [run] = one.judge(told, {SQUID: GATE})
    assert [test.outcome for test in run.tests] == [Outcome.FLAKY, Outcome.FLAKY, Outcome.FAILED]
    assert [words[0] for words in one.backend.asked] == ["-n4", "-n3", "-n1"]
    assert cases[0] not in one.backend.asked[2]


@pytest.mark.parametrize(("failures", "suites"), [(ALONE, 3), (ALONE + 1, 2)])
def test_what_fails_each_time_has_failed_and_many_do_not_run_alone(
    failures: int, suites: int, tmp_path: Path
) -> None:
    one = Round(tmp_path)
    told = {f"{TEST}[{number:02}]": "failed" for number in range(failures)}
    [run] = one.judge([told] * suites, {SQUID: GATE})
    assert [test.id for test in run.unexplained] == list(told)
    assert len(one.backend.asked) == suites


def test_tests_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    one, other = f"{TEST}[1]", f"{TEST}[2]"
    [run] = Round(tmp_path).judge([{other: "passed", one: "passed"}], {SQUID: GATE})
    assert [test.id for test in run.tests] == [one, other]


def test_a_known_failure_is_a_failure_that_does_not_run_again(tmp_path: Path) -> None:
    one = Round(tmp_path, [Known("squid", (), frozenset({TEST}), "lenient", sometimes=True)])
    [run] = one.judge([{TEST: "failed"}], {SQUID: GATE})
    [test] = run.tests
    assert (test.outcome, test.known, test.sometimes) == (Outcome.FAILED, "lenient", True)
    assert run.unexplained == ()
    assert len(one.backend.asked) == 1


def test_a_stale_decline_is_never_explained(tmp_path: Path) -> None:
    one = Round(tmp_path, [Known("squid", (), frozenset({TEST}), "lenient")])
    [run] = one.judge([{TEST: "stale"}] * 3, {SQUID: GATE})
    assert [test.id for test in run.unexplained] == [TEST]


def test_a_decline_is_stale_only_if_it_is_each_time(tmp_path: Path) -> None:
    [run] = Round(tmp_path).judge([{TEST: "stale"}, {TEST: "declined"}], {SQUID: GATE})
    assert [test.outcome for test in run.tests] == [Outcome.FLAKY]


def test_each_run_has_the_tests_of_its_role_and_floods_come_last(tmp_path: Path) -> None:
    one, other = "tests/http2/test_a.py::test_a[h2c]", f"{FLOODS}::test_attack[h2c]"
    made = Round(tmp_path)
    told = [{TEST: "passed", one: "passed"}, {other: "declined"}]
    runs = made.judge(told, {SQUID: GATE, Wish("h2c", "nginx"): GATE})
    assert [[test.id for test in run.tests] for run in runs] == [[TEST], [one, other]]
    assert f"--ignore={FLOODS}" in made.backend.asked[0]
    assert FLOODS in made.backend.asked[1]


@pytest.mark.parametrize(("wish", "workers"), [(Wish("h2c", "nginx"), "-n8"), (SQUID, "-n4")])
def test_few_tests_have_few_workers(wish: Wish, workers: str, tmp_path: Path) -> None:
    made = Round(tmp_path)
    made.judge([{TEST: "failed"}] * 3, {wish: GATE})
    assert made.backend.asked[0][0] == workers
    assert made.backend.asked[-1][0] in ("-n1", "-n8"), "what runs again, and floods"


def test_who_does_not_pass_the_gate_is_not_judged(tmp_path: Path) -> None:
    slow = Judgement(ready=1.0, stopped=6.0)
    made = Round(tmp_path)
    runs = made.judge([], {SQUID: NotReadyError("it is not ready"), Wish("dns", "knot"): slow})
    assert runs[0].finding == "it is not ready"
    assert "within 5 s of SIGTERM" in runs[1].finding
    assert made.backend.asked == []


def test_a_suite_that_tells_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="wrote no results"):
        Round(tmp_path).judge([], {SQUID: GATE})


def test_the_log_of_a_run_has_its_tests_and_the_last_words_of_the_implementation(tmp_path: Path) -> None:
    [run] = Round(tmp_path).judge([{TEST: "passed"}], {SQUID: GATE})
    log = (tmp_path / run.log).read_text()
    assert TEST in log
    assert "proxy said so" in log
