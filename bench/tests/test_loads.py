"""The figures are only as good as the reading of the tools' output."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.errors import MissingProgram, UnfairRow
from bench.loads import half, read_dnsperf, read_h2load, read_wrk, shake
from bench.model import Load, Place, Sample
from bench.processes import started
from bench.programs import reference
from certs.make import Leaf
from certs.whole import make

WRK = """
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  81234.56
"""
H2LOAD = """
finished in 3.00s, 66123.33 req/s, 4.10MB/s
requests: 198370 total, 198626 started, 198370 done, 198370 succeeded, 1 failed, 2 errored, 3 timeout
status codes: 198360 2xx, 0 3xx, 10 4xx, 0 5xx
"""
DNSPERF = """
  Queries sent:         420000
  Queries lost:         7 (0.00%)
  Response codes:       NOERROR 419990 (100.00%), NXDOMAIN 3 (0.00%)
  Queries per second:   139997.123456
"""


def test_wrk_errors_are_counted() -> None:
    assert read_wrk(WRK) == Sample(81234.56, errors=15)


def test_h2load_errors_are_counted() -> None:
    assert read_h2load(H2LOAD) == Sample(66123.33, errors=16)


def test_dnsperf_losses_and_wrong_codes_are_counted() -> None:
    assert read_dnsperf(DNSPERF) == Sample(139997.123456, errors=3, lost=7)


@pytest.mark.parametrize("read", [read_wrk, read_h2load, read_dnsperf])
def test_output_without_a_rate_voids_the_row(read: object) -> None:
    assert callable(read)
    with pytest.raises(UnfairRow):
        read("usage: …")


def test_half_the_peak_is_half_of_what_each_server_did_first() -> None:
    asked: list[tuple[int, int]] = []

    def tool(peak: int, *, rate: int = 0) -> Load:
        def load(place: Place, _seconds: float) -> Sample:
            asked.append((place.port, rate))
            return Sample(rate or peak * place.port)

        return load

    load = half(tool, 1_000)
    for port in (2, 4, 2, 4, 2):
        load(Place(port, "", ""), 1)
    assert asked == [(2, 0), (4, 0), (2, 1_000), (4, 2_000), (2, 1_000)]


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_every_handshake_is_whole_and_verified(tmp_path: Path) -> None:
    """Against a server that is trusted, and as a client that trusts another authority."""
    for place in ("ours", "theirs"):
        make(tmp_path / place, (Leaf("https", ("https.wireyard.test",), ("127.0.0.1",)),))
    service = reference("services.http.reference", "https")
    with started(service, "https", tmp_path / "ours", Path(__file__).parents[2]) as server:
        try:
            trusting = shake("/version", tmp_path / "ours", 2)(server.place, 0.5)
        except MissingProgram as missing:
            pytest.skip(str(missing))
        doubting = shake("/version", tmp_path / "theirs", 2)(server.place, 0.5)
    assert (trusting.rate > 0, trusting.errors) == (True, 0)
    assert (doubting.rate > 0, doubting.errors > 0) == (False, True)
