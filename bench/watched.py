"""What the live page costs the service that it shows: `python -m bench.watched`.

One HTTP/1.1 service on the server core under the load of the row `http1 todos`, a round without the page and
a round with it, in turn: open in Chromium, its console following the journal, its list of events running.
Console and browser share the load's core and give way to it: what is asked for is the speed of the service,
not of a load that has to wait. The goal is that the service loses no more than a twentieth of it.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from bench.containers import in_containers
from bench.errors import UnfairRow
from bench.loads import wrk
from bench.model import Load, Round, paired
from bench.processes import LOAD_CORE, Server, free_port, require, started
from bench.programs import reference
from bench.run import timed
from lab.neighbour import variables
from lab.topology import PROJECT

ROUNDS, SECONDS = 7, 3.0
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PATIENCE = 20_000  # milliseconds until the page shows what it follows
# A yard of which nothing runs but what is measured.
_NEIGHBOUR = 98


@dataclass(frozen=True, slots=True)
class Watched:
    """The rounds of one service, with nobody looking and with the page open."""

    alone: tuple[Round, ...]
    watched: tuple[Round, ...]

    @property
    def rate_kept(self) -> float:
        """The rate with the page open, of that without: the median of the pairs. Raises UnfairRow."""
        return self._ratio("rate", [r.sample.rate for r in self.watched], [r.sample.rate for r in self.alone])

    @property
    def cpu(self) -> float:
        """CPU for one request with the page open, of that without. Raises UnfairRow."""
        return self._ratio("CPU", [r.cpu_us for r in self.watched], [r.cpu_us for r in self.alone])

    def _ratio(self, what: str, with_page: list[float], without: list[float]) -> float:
        errors = sum(r.sample.errors for r in (*self.alone, *self.watched))
        ratio = paired(with_page, without)
        if errors or ratio is None:
            raise UnfairRow(f"{errors} requests failed" if errors else f"a round without {what}")
        return ratio


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Watched:
    """Takes `rounds` of each kind. Raises BenchError."""
    if in_containers():
        raise UnfairRow("it is measured beside plain processes only")
    load, alone, watched = wrk("/todos?name=zhangsan"), [], []
    with tempfile.TemporaryDirectory(prefix="wireyard-bench-") as directory:
        browser = _gives_way(Path(directory) / "browser", require("chromium", "chromium"))
        with _service_and_console(Path(directory)) as (server, url), _page(browser) as page:
            for _ in range(rounds):
                page.goto("about:blank")
                alone.append(_settled(load, server, seconds))
                page.goto(url)
                page.locator("#service-rows .followed").first.wait_for(timeout=_PATIENCE)
                before = _told(page)
                watched.append(_settled(load, server, seconds))
                if _told(page) == before:
                    raise UnfairRow("the page's list of events stood still")
    return Watched(tuple(alone), tuple(watched))


def _settled(load: Load, server: Server, seconds: float) -> Round:
    """A round after a second of the same: what opening or leaving the page costs is no part of it."""
    load(server.place, 1)
    return timed(load, server, seconds)


@contextmanager
def _service_and_console(folder: Path) -> Iterator[tuple[Server, str]]:
    """The service on its core, and beside the load the console that shows it, by its address."""
    control = str(free_port())
    peer = reference("services.http.reference", "http1", ("WIREYARD_CONTROL_PORT", control))
    with started(peer, "http1", folder, PROJECT) as server, _beside_the_load():
        ports = {"WIREYARD_HTTP1_PORT": str(server.place.port), "WIREYARD_HTTP1_CONTROL_PORT": control}
        console = reference("services.console", "console", *(variables(_NEIGHBOUR) | ports).items())
        script = str(_gives_way(folder / "console", *console.argv))
        console = replace(console, program=script, argv=(script,))
        with started(console, "console", folder, PROJECT, core=LOAD_CORE) as shown:
            yield server, f"http://127.0.0.1:{shown.place.port}/"


@contextmanager
def _beside_the_load() -> Iterator[None]:
    """What is started inside, the browser above all, stays off the server's core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _gives_way(script: Path, *command: str) -> Path:
    """`command` as a script of its own that takes what others leave of a processor.

    Linux shares a processor out among sessions first (sched(7), autogroup): niceness alone counts within one.
    """
    whole = "{ echo 19 >/proc/$$/autogroup; } 2>/dev/null"
    script.write_text(f'#!/bin/sh\n{whole}\nexec nice -n 19 {shlex.join(command)} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


@contextmanager
def _page(browser: Path) -> Iterator[Page]:
    """An empty page. Raises UnfairRow where the browser does not start, or the page does not work."""
    try:
        with sync_playwright() as driver:
            chromium = driver.chromium.launch(executable_path=browser, args=[*_FLAGS])
            yield chromium.new_page()
            chromium.close()
    except Error as error:
        raise UnfairRow(f"the page: {error.message.splitlines()[0]}") from error


def _told(page: Page) -> str:
    """What the list of events shows now: its newest line, and how many it had to leave out."""
    return page.locator("#missed").inner_text() + page.locator("#event-rows").inner_text()[:100]


def in_words(found: Watched) -> str:
    """Each pair, and what the service kept."""
    lines = [
        f"{with_page.sample.rate:10,.0f}/s {with_page.cpu_us:6.2f} us with the page open, "
        f"{without.sample.rate:10,.0f}/s {without.cpu_us:6.2f} us without"
        for with_page, without in zip(found.watched, found.alone, strict=True)
    ]
    return "\n".join([*lines, f"of the rate kept {found.rate_kept:.1%}; CPU of a request {found.cpu:.1%}"])


if __name__ == "__main__":
    sys.stdout.write(in_words(measure()) + "\n")
