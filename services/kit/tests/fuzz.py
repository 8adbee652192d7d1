"""What every fuzz is run by: rounds from a seed, for so many seconds; a round that fails is named by its own.

Each fuzz says in its own module what a round is, and what must hold of it.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence

SETTLED = 10_000
"""Rounds after which memory is told: from then on it is to stay where it is."""

Check = Callable[[random.Random], object]
"""One round, all of it decided by the generator. Raises what it finds wrong."""


def main(check: Check, arguments: Sequence[str] | None = None) -> int:
    """The command line of a fuzz; prints how many rounds there were, and the peak of memory."""
    parser = argparse.ArgumentParser(description="the module says what a round is")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--seed", type=int, default=time.time_ns(), help="of the first round; then one more each"
    )
    options = parser.parse_args(arguments)
    sys.stdout.write(f"seed {options.seed}\n")
    sys.stdout.write(_told(run(check, options.seconds, options.seed)))
    return 0


def run(check: Check, seconds: float, seed: int) -> int:
    """Plays for so long; gives the number of rounds."""
    rounds, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            check(random.Random(seed + rounds))
        except Exception:  # raised again: the seed is what reproduces it
            sys.stderr.write(f"seed {seed + rounds}\n")
            raise
        rounds += 1
        if rounds == SETTLED:
            sys.stdout.write(_told(rounds))
    return rounds


def _told(rounds: int) -> str:
    return f"{rounds:,} rounds, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:,} KiB\n"
