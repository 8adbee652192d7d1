"""The plug-ins of the contract suite, tried on suites of a few lines against a TCP echo of one thread."""

from __future__ import annotations

import json
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.capture import marks
from lab.topology import PROJECT

pytest_plugins = ["pytester"]

YARD = """
services:
  tcp-echo:
    image: example
    labels:
      wireyard.role: tcp-echo
      wireyard.implementation: example
      wireyard.authority: tcp-echo.wireyard.test
      wireyard.ports.main: 7/tcp
      {decline}
    ports: ["127.0.0.1:{port}:7"]
"""
SUITE = """
import pytest

@pytest.mark.rfc("862", "1")
@pytest.mark.feature("half-close")
def test_it(endpoint):
    assert endpoint("tcp-echo").port {comparison} 0
"""


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            self.request.sendall(data)


@pytest.fixture
def echo() -> Iterator[int]:
    """A port where everything comes back."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Bench:
    """Runs one suite against one yard, in a folder of its own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._monkeypatch = monkeypatch

    def run(self, port: int, suite: str, decline: str = "", words: tuple[str, ...] = ()) -> pytest.RunResult:
        """The result of `suite` as tests/tcp_echo/test_it.py."""
        yard = self._pytester.makefile(".yaml", yard=YARD.format(port=port, decline=decline))
        folder = self._pytester.mkdir("tests") / "tcp_echo"
        folder.mkdir()
        (folder / "test_it.py").write_text(suite)
        self._pytester.makeini(
            f"[pytest]\naddopts = -p no:cacheprovider\npythonpath = {PROJECT}\n" + _MARKERS
        )
        self._pytester.makeconftest((PROJECT / "tests" / "conftest.py").read_text())
        self._monkeypatch.setenv("COMPOSE_FILE", str(yard))
        self._monkeypatch.setenv("WIREYARD_CONTRACTS", str(_contract(self._pytester.path)))
        return self._pytester.runpytest_inprocess("-q", *_WITHOUT, *words, str(folder))


# Plug-ins of the outer run that would be imported again for each suite, for nothing.
_WITHOUT = [
    word for name in ("asyncio", "hypothesispytest", "anyio", "timeout") for word in ("-p", f"no:{name}")
]
_MARKERS = "markers =\n    rfc(number, section)\n    role(*names)\n    feature(*names, role=...)\n"


def _contract(folder: Path) -> Path:
    file = folder / "services" / "tcp_echo" / "CONTRACT.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "| feature | clause | tier | meaning |\n|---|---|---|---|\n"
        "| `half-close` | RFC 862 | protocol | |\n| `journal` | | witness | |\n"
    )
    return folder


@pytest.fixture
def bench(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(pytester, monkeypatch)


DECLINE = "wireyard.declines.half-close: no reason at all"


def test_a_kept_promise_passes_and_its_clause_is_counted(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">"))
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r"RFC 862 1\s+1\s+·\s+·"])


def test_a_broken_promise_fails(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison="=="))
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r"RFC 862 1\s+·\s+1\s+·"])


def test_a_decline_that_holds_is_declined_and_never_passed(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison="=="), DECLINE)
    assert result.ret == 0
    result.stdout.re_match_lines(
        [r"RFC 862 1\s+·\s+·\s+1", r"\s+1  half-close: no reason at all", "1 declined.*"]
    )


def test_a_decline_that_works_is_a_failure_of_the_declaration(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">"), DECLINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["stale decline: half-close works, yet it is declined: no reason at all"])


def test_of_two_declines_the_firm_one_counts(bench: Bench, echo: int) -> None:
    both = SUITE.replace('"half-close"', '"journal", "half-close"')
    result = bench.run(echo, both.format(comparison=">"), DECLINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["stale decline: half-close works*"])


def test_a_decline_that_leaves_a_dead_service_is_a_failure(bench: Bench, unused_tcp_port: int) -> None:
    result = bench.run(unused_tcp_port, SUITE.format(comparison="=="), DECLINE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*declined, but not refused cleanly*"])


def test_a_declined_failure_costs_no_traceback(bench: Bench, unused_tcp_port: int) -> None:
    """For each, pytest would read whole sources, and nobody sees them."""
    result = bench.run(unused_tcp_port, SUITE.format(comparison="=="), DECLINE)
    result.stdout.fnmatch_lines(["assert * == 0", "*declined, but not refused cleanly*"])
    result.stdout.no_fnmatch_line("*def test_it*")


WITNESS = SUITE.replace("half-close", "journal")
IN_SETUP = """
import pytest

@pytest.fixture
def broken():
    raise OSError("out of reach")

@pytest.mark.feature("half-close")
def test_it(broken):
    pass
"""


def test_a_witness_feature_is_declined_for_who_has_no_control_port(bench: Bench, echo: int) -> None:
    result = bench.run(echo, WITNESS.format(comparison="=="))
    assert result.ret == 0
    result.stdout.re_match_lines([r"\s+1  journal: example has no control port", "1 declined.*"])


def test_a_witness_feature_that_works_all_the_same_is_passed(bench: Bench, echo: int) -> None:
    bench.run(echo, WITNESS.format(comparison=">")).assert_outcomes(passed=1)


def test_what_is_lacking_embedded_may_work(bench: Bench, echo: int) -> None:
    decline = "wireyard.embedded.declines.half-close: one loopback"
    bench.run(echo, SUITE.format(comparison=">"), decline).assert_outcomes(passed=1)


def test_a_declined_test_that_fails_in_its_fixture_is_declined(bench: Bench, echo: int) -> None:
    result = bench.run(echo, IN_SETUP, DECLINE)
    assert result.ret == 0
    result.stdout.re_match_lines([r"\s+1  half-close: no reason at all", "1 declined.*"])


def test_a_test_may_not_name_an_unknown_feature(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">").replace("half-close", "halfclose"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'halfclose' is no feature of tcp-echo*"])


def test_an_implementation_may_not_decline_an_unknown_feature(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">"), "wireyard.declines.halfclose: typing error")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*role 'tcp-echo' has no feature 'halfclose'*"])


def test_an_rfc_marker_must_name_a_clause(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">").replace('"862", "1"', '"RFC 862", "§1"'))
    result.stderr.fnmatch_lines(["*rfc('RFC 862', '§1') names no clause*"])


def test_another_role_is_left_out(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison=">"), words=("--role=dns",))
    result.assert_outcomes(deselected=1)


FAILING = """
import pytest

@pytest.mark.feature("half-close")
@pytest.mark.parametrize("number", range(9))
def test_it(request, number):
    limit = request.node.get_closest_marker("timeout")
    assert (limit and limit.args) == ((2.5,) if number == 7 else None)
"""
IT = "tests/tcp_echo/test_it.py::test_it"
ENTRY = "- {{implementation: example, reason: slow, sometimes: {}, tests: {{'{}': ['{}']}}}}\n"


def test_what_is_known_to_fail_has_less_time_and_waits_are_spread(
    bench: Bench, echo: int, pytester: pytest.Pytester
) -> None:
    entries = pytester.mkdir("services") / "tcp_echo" / "swaps" / "known.yaml"
    entries.parent.mkdir(parents=True)
    entries.write_text("".join(ENTRY.format(*told) for told in (("false", IT, 7), ("true", IT, 6))))
    result = bench.run(echo, FAILING, words=("-vv", "--known-within=2.5"))
    result.assert_outcomes(passed=9)
    ran = [line for line in result.outlines if "PASSED" in line]
    assert ran != sorted(ran), "those that stand together are apart"


def test_states_survive_a_parallel_run(bench: Bench, echo: int) -> None:
    result = bench.run(echo, SUITE.format(comparison="=="), DECLINE, words=("-n", "2"))
    result.stdout.re_match_lines([r"RFC 862 1\s+·\s+·\s+1", "1 declined.*"])


def test_a_failed_test_leaves_a_folder_of_its_own_and_the_last_runs_is_gone(
    bench: Bench, echo: int, tmp_path: Path
) -> None:
    kept = tmp_path / "failures"
    (kept / "of-the-last-run").mkdir(parents=True)
    bench.run(echo, SUITE.format(comparison="=="), words=(f"--evidence={kept}",)).assert_outcomes(failed=1)
    [folder] = kept.iterdir()
    told = json.loads((folder / "test.json").read_text())
    assert (told["services"], told["id"].rpartition("::")[2]) == (["tcp-echo"], "test_it")
    assert told["began"] < told["ended"]
    assert "assert" in (folder / "failure.txt").read_text()


@pytest.mark.parametrize("words", [(), ("-n", "2")])
def test_marks_go_round_each_test_and_say_how_it_ended(
    bench: Bench, echo: int, words: tuple[str, ...], wire: socket.socket
) -> None:
    bench.run(echo, SUITE.format(comparison="=="), words=(f"--wire-marks={wire.getsockname()[1]}", *words))
    sent: list[marks.Mark] = []
    while not sent or sent[-1].what != "end":
        mark = marks.found(wire.recv(2048))
        assert mark is not None
        sent.append(mark)
    assert [mark.what for mark in sent] == ["begin", "failed", "end"]
    assert sent[0].test == sent[1].test != ""


@pytest.fixture
def wire() -> Iterator[socket.socket]:
    """Where the marks of an inner run arrive."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


def test_the_suite_asks_for_nothing_that_only_the_runner_has() -> None:
    """The client's image has neither: what imports them breaks the image."""
    code = (
        "import sys; sys.modules.update(psutil=None, jinja2=None); import pytest; "
        "sys.exit(pytest.main(['-q', '--collect-only', '-p', 'no:cacheprovider', 'tests']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
