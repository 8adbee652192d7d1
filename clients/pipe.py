"""How a command ends whose reader has gone, as `head` does: without a word, and not as if all were well."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence

Main = Callable[[Sequence[str] | None], int]


def piped(main: Main) -> Callable[..., int]:
    """`main`, which gives 1 once nobody reads its output any more."""

    @functools.wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        try:
            code = main(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes again
            return 1
        return code

    return run
