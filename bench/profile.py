"""Where a reference service spends its time under one row: a flame graph, recorded by py-spy."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from bench.errors import UnfairRow
from bench.model import Row
from bench.page import OURS
from bench.processes import PATIENCE, require, started

RATE = 500  # samples a second


def record(row: Row, certs: Path, project: Path, seconds: float, target: Path) -> None:
    """Write the flame graph of the reference under `row` for so many seconds, its load having begun.

    Raises:
        UnfairRow: the reference or the profiler failed.
    """
    ours = next(peer for peer in row.peers if peer.name == OURS)
    with started(ours, row.kind, certs, project) as server:
        row.load(server.place, 1)
        load = threading.Thread(target=row.load, args=(server.place, seconds + 2))
        load.start()
        argv = [
            require(str(Path(sys.executable).with_name("py-spy")), "py-spy"),
            "record",
            "--format",
            "flamegraph",
        ]
        argv += ["--rate", str(RATE), "--duration", f"{seconds:.0f}", "--pid", str(server.pid)]
        argv += ["--output", str(target)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds + PATIENCE, check=False)
        load.join()
    if done.returncode != 0:
        raise UnfairRow(f"py-spy: {done.stderr.strip()[-300:]}")
