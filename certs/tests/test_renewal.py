"""What `renew` keeps fresh, when it wakes, what it tells, and that it never needs the key of the root."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from cryptography import x509

from certs import renewal, store
from certs.cli import main
from certs.errors import StoreError
from certs.make import Leaf, Made
from certs.status import read_index
from certs.term import NEVER, renewed_at
from certs.whole import make, renewing
from lab.topology import PROJECT

HTTPS = Leaf("https", ("https.wireyard.test",), ("127.0.0.1",))
SHORT = timedelta(seconds=5)
ROOTS = {"plain", "fenced", "http1/ocsp-root", "ca/root.crl"}
"""What the root signs beside the intermediate."""


def reasons(where: Path, life: timedelta) -> dict[str, str]:
    return {made.name: made.why for made in renewing(where, (HTTPS,), life)}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of which everything is due by the usual rule, and whose root's key is elsewhere."""
    make(tmp_path / "certs", (HTTPS,), life=SHORT)
    (tmp_path / "certs/authority/root").rename(tmp_path / "root")
    return tmp_path / "certs"


def test_all_that_ends_is_renewed_without_the_roots_key(old: Path) -> None:
    why = reasons(old, timedelta(days=30))
    due = {name for name, told in why.items() if told}
    assert {"https", "https/p256", "client/good", "http1/visitor", "http1/ocsp-intermediate"} <= due
    assert {"ca/intermediate.crl", "https/ocsp", "https/zoo/must-staple/ocsp"} <= due
    assert not due & {*ROOTS, "https/expired", "client/expired"}
    assert set(reasons(old, timedelta(days=30)).values()) == {""}
    assert not (old / "authority/root").exists()


def test_what_is_renewed_is_in_the_index_and_stands_below_the_same_root(old: Path) -> None:
    list(renewing(old, (HTTPS,)))
    chain = store.load_chain(old / "https/cert.pem")
    chain[0].verify_directly_issued_by(chain[1])
    chain[1].verify_directly_issued_by(store.load_chain(old / "ca/ca.pem")[0])
    entry = read_index(old / "ca/index.json")[chain[0].serial_number]
    assert (entry.name, entry.revoked) == ("https", None)


def test_what_the_root_signed_is_kept_though_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certs.make.ROOT_LIFE", timedelta(milliseconds=1))
    make(tmp_path, (HTTPS,))
    shutil.rmtree(tmp_path / "authority/root")
    found = {made.name: made for made in renewing(tmp_path, (HTTPS,))}
    assert found["ca/root.crl"].due < datetime.now(UTC)
    assert {found[name].why for name in ROOTS} == {""}


def test_a_day_before_the_end_or_of_a_short_life_a_third() -> None:
    end = datetime(2030, 1, 31, tzinfo=UTC)
    assert renewed_at(end, timedelta(days=30)) == end - timedelta(days=1)
    assert renewed_at(end, timedelta(seconds=30)) == end - timedelta(seconds=10)
    assert renewed_at(NEVER, timedelta(days=30)) == NEVER


def test_what_the_root_signs_lasts_a_year_and_is_kept(tmp_path: Path) -> None:
    report = {made.name: made for made in make(tmp_path, (HTTPS,), life=SHORT)}
    assert {name for name in ROOTS if report[name].ends < datetime.now(UTC) + timedelta(days=360)} == set()


def test_a_store_that_was_never_made_cannot_be_renewed(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"ca\.pem"):
        list(renewing(tmp_path, (HTTPS,)))


def test_make_and_renew_at_once_leave_one_whole_store(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,), life=SHORT)
    with ThreadPoolExecutor() as pool:
        both = pool.submit(make, tmp_path, (HTTPS,)), pool.submit(reasons, tmp_path, timedelta(days=30))
    renewed = [made.name for made in both[0].result() if made.name == "https" and made.why]
    renewed += [name for name, why in both[1].result().items() if name == "https" and why]
    assert renewed == ["https"]
    pair = store.load(tmp_path / "https")
    assert pair.key.public_key() == pair.leaf.public_key()


class Waits:
    """A Wait that notes how long it was to be, and answers what it is told."""

    def __init__(self, *answers: int | None) -> None:
        self.asked: list[float] = []
        self._answers = iter(answers)

    def __call__(self, longest: timedelta) -> int | None:
        self.asked.append(longest.total_seconds())
        return next(self._answers)


def made_due(after: timedelta) -> list[Made]:
    return [Made("https", "", NEVER, datetime.now(UTC) + after)]


def test_it_waits_for_what_is_due_first_and_looks_at_the_clock_each_hour() -> None:
    waits = Waits(None, None, signal.SIGTERM)
    list(renewal.keeping(lambda: made_due(timedelta(days=29)), waits))
    assert waits.asked == [3600.0] * 3
    waits = Waits(signal.SIGTERM)
    list(renewal.keeping(lambda: [*made_due(timedelta(minutes=2)), *made_due(timedelta(days=29))], waits))
    assert waits.asked == [pytest.approx(120, abs=5)]


def test_what_has_become_due_is_renewed_and_the_next_is_waited_for() -> None:
    reports = iter([made_due(timedelta(milliseconds=50)), made_due(timedelta(days=1))])
    asked: list[float] = []

    def wait(longest: timedelta) -> None:
        asked.append(longest.total_seconds())
        threading.Event().wait(asked[-1])

    lines = renewal.keeping(lambda: next(reports), wait)
    assert [line[:16] for line in (next(lines), next(lines))] == ["the next is due "] * 2
    assert asked == [1.0, 0.0], "a second at least, and a last look for signals"


def test_a_failure_is_told_and_tried_again_ever_later_and_success_ends_that() -> None:
    failures: list[Sequence[Made] | None] = [None, None, None, made_due(timedelta(days=1))]

    def renew() -> Sequence[Made]:
        if (report := failures.pop(0)) is None:
            raise StoreError("the disk is full")
        return report

    waits = Waits(signal.SIGHUP, signal.SIGHUP, signal.SIGHUP, signal.SIGTERM)
    told = list(renewal.keeping(renew, waits))
    assert told[0] == "nothing is renewed: the disk is full; again in 1 s"
    assert [line[-3:] for line in told[:3]] == ["1 s", "2 s", "4 s"]
    assert told[3].startswith("the next is due")
    assert waits.asked == [pytest.approx(seconds, abs=0.9) for seconds in (1, 2, 4, 3600)]


def test_what_only_the_root_can_renew_is_told_and_not_waited_for() -> None:
    waits = Waits(signal.SIGTERM)
    told = list(renewal.keeping(lambda: made_due(timedelta(days=-1)), waits))
    assert "only `make up` renews it" in told[0]
    assert waits.asked == [3600.0]


@contextmanager
def keeper(where: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m certs renew` at work on a store."""
    words = ["renew", "--leaf", "https=https.wireyard.test,127.0.0.1", *more]
    command = [sys.executable, "-m", "certs", *words]
    environ = {**os.environ, "WIREYARD_STORE": str(where)}
    with subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def await_line(output: IO[str] | None, begin: str) -> None:
    """Returns once a line begins so."""
    assert output is not None
    assert any(line.startswith(begin) for line in output), f"it ended without {begin!r}"


def serial(where: Path) -> int:
    return x509.load_pem_x509_certificate((where / "https/cert.pem").read_bytes()).serial_number


def test_a_process_renews_by_itself_and_ends_when_told(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,), life=SHORT)
    before = serial(tmp_path)
    with keeper(tmp_path, "--life", "5") as process:
        await_line(process.stdout, "https: made (its time is nearly up)")
        assert serial(tmp_path) != before
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_hangup_renews_at_once_what_is_gone(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    with keeper(tmp_path) as process:
        await_line(process.stdout, "the next is due")
        (tmp_path / "https/cert.pem").unlink()
        process.send_signal(signal.SIGHUP)
        await_line(process.stdout, "https: made (new)")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.mark.parametrize("life", ["4", "-5", "soon", "31536001", "²"])
def test_a_life_that_is_none_is_refused(
    life: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["make", "--out", str(tmp_path), f"--life={life}", "--leaf", "https=a.test"]) == 1
    assert "is not from 5 to 31536000 seconds" in capsys.readouterr().err
