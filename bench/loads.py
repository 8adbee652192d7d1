"""The load tools: how each is called, and how its output is read."""

from __future__ import annotations

import json
import random
import re
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from bench.errors import MissingProgram, UnfairRow
from bench.model import Load, Place, Sample
from bench.processes import require, run_load

HERE = Path(__file__).parent


def wrk(path: str, *, tls: bool = False, connections: int = 64, script: str = "") -> Load:
    """HTTP/1.1 with keep-alive."""

    def load(place: Place, seconds: float) -> Sample:
        scheme = "https" if tls else "http"
        argv = [require("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds:.0f}s"]
        argv += ["-H", f"Host: {place.authority}"]
        argv += ["-s", str(HERE / "load" / script)] if script else []
        return read_wrk(run_load([*argv, f"{scheme}://{place.address}:{place.port}{path}"], seconds))

    return load


def read_wrk(output: str) -> Sample:
    """wrk's summary; socket errors and answers other than 2xx are errors."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise UnfairRow(f"wrk printed no rate: {output[-200:]}")
    socket_errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    errors = sum(map(int, socket_errors.groups())) if socket_errors else 0
    return Sample(float(rate[1]), errors + (int(refused[1]) if refused else 0))


def h2load(path: str, *, tls: bool = False, streams: int = 32, body: str = "") -> Load:
    """HTTP/2: eight connections with `streams` streams each."""

    def load(place: Place, seconds: float) -> Sample:
        scheme = "https" if tls else "http"
        argv = [require("h2load", "nghttp2-client"), "-c8", f"-m{streams}", "-t1", f"-D{seconds:.0f}"]
        argv += [f"--connect-to={place.address}:{place.port}"]
        argv += ["-d", str(HERE / "load" / body), "-H", "content-type: application/json"] if body else []
        return read_h2load(run_load([*argv, f"{scheme}://{place.authority}:{place.port}{path}"], seconds))

    return load


def read_h2load(output: str) -> Sample:
    """h2load's summary; failed, errored, timed-out and non-2xx requests are errors."""
    rate = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", output)
    done = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
    status = re.search(r"(\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if rate is None or done is None or status is None:
        raise UnfairRow(f"h2load printed no summary: {output[-200:]}")
    wrong = sum(map(int, done.groups()[1:])) + sum(map(int, status.groups()[1:]))
    return Sample(float(rate[1]), wrong)


def dnsperf(names: int, *, tcp: bool = False, rate: int = 0) -> Load:
    """DNS queries for `names` addresses of bench.test, in an order that no cache can foresee.

    A hundred at once, or a thousand at `rate` a second. More in a burst do not fit the 212,992 octets that
    Linux gives a socket unless it asks for more: at 256 the kernel drops the first (RcvbufErrors in
    /proc/net/snmp), and they would be counted as lost by whoever serves.
    """

    def load(place: Place, seconds: float) -> Sample:
        asked = Path(place.directory) / "names"
        if not asked.exists():
            order = random.Random(53).sample(range(names), names)  # noqa: S311 - not a secret
            asked.write_text("".join(f"n{i}.bench.test A\n" for i in order), encoding="ascii")
        argv = [require("dnsperf", "dnsperf"), "-s", place.address, "-p", str(place.port), "-d", str(asked)]
        argv += ["-l", f"{seconds:.0f}", "-c", "8", *(["-m", "tcp"] if tcp else [])]
        argv += ["-Q", str(rate), "-q", "1000"] if rate else ["-q", "100"]
        return read_dnsperf(run_load(argv, seconds))

    return load


def half(tool: Callable[..., Load], *words: int) -> Load:
    """Half of what each server did in its warm-up, the first time that it is loaded: nothing may be lost."""
    peaks: dict[int, float] = {}

    def load(place: Place, seconds: float) -> Sample:
        if place.port in peaks:
            return tool(*words, rate=int(peaks[place.port] / 2))(place, seconds)
        sample = tool(*words)(place, seconds)
        peaks[place.port] = sample.rate
        return sample

    return load


def read_dnsperf(output: str) -> Sample:
    """dnsperf's summary; answers other than NOERROR are errors."""
    rate = re.search(r"Queries per second:\s+([\d.]+)", output)
    lost = re.search(r"Queries lost:\s+(\d+)", output)
    if rate is None or lost is None:
        raise UnfairRow(f"dnsperf printed no summary: {output[-200:]}")
    codes = dict(re.findall(r"([A-Z]{6,8}) (\d+) \(", output))
    codes.pop("NOERROR", None)
    return Sample(float(rate[1]), sum(map(int, codes.values())), int(lost[1]))


def wire(mode: str, *words: str, megabytes: bool = False, seconds_at: int = 2) -> Load:
    """Our own generator, load/wire.c: operations per second, or MB/s with `megabytes`."""

    def load(place: Place, seconds: float) -> Sample:
        arguments = [place.address, str(place.port), *words]
        arguments.insert(seconds_at + 1, f"{seconds:g}")
        said = json.loads(run_load([wire_program(), mode, *arguments], seconds))
        amount = said["bytes"] / 1e6 if megabytes else said["operations"]
        return Sample(amount / said["seconds"], said["errors"], said["lost"])

    return load


def shake(path: str, certs: Path, connections: int = 16) -> Load:
    """Our own generator, load/shake.c: a whole handshake of TLS 1.3 for each request."""

    def load(place: Place, seconds: float) -> Sample:
        program = _compiled("shake.c", "-lssl", "-lcrypto")
        where = (place.address, str(place.port), place.authority, path, str(certs / "ca" / "ca.pem"))
        said = json.loads(run_load([program, *where, str(connections), f"{seconds:g}"], seconds))
        return Sample(said["operations"] / said["seconds"], said["errors"], said["lost"])

    return load


def wire_program() -> str:
    """The generator of what no tool loads."""
    return _compiled("wire.c")


@cache
def _compiled(source: str, *libraries: str) -> str:
    """A generator of our own, compiled once a run. Raises MissingProgram."""
    target = Path(tempfile.mkdtemp(prefix="wireyard-bench-")) / "load"
    command = [require("cc", "gcc"), "-O2", "-o", str(target), str(HERE / "load" / source), *libraries]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "openssl/" in done.stderr:
        raise MissingProgram("openssl/ssl.h", "libssl-dev")
    if done.returncode != 0:
        raise UnfairRow(f"{source}: {done.stderr.strip()[-200:]}")
    return str(target)
