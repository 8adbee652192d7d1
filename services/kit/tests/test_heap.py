"""Memory that was read into is kept for the next read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
READS = """
import resource
from services.kit import heap
heap.keep()
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
sources = bytes(256_000)
for turn in range(101):
    if turn == 1:
        before = faults()
    held = [bytearray(sources) for _ in range(8)]
    del held
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_blocks_that_come_and_go_cost_no_new_pages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 100, "800 blocks of 63 pages"
