"""What the contract suite draws at random it draws each time: a failure is one that comes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.topology import PROJECT

# Of the modules that draw, all but a generator with a seed.
_UNSEEDED = re.compile(r"\brandom\.(?!Random\([\w.]).*|\burandom\b")
# A generator's own methods: `chance.random()`.
_OF_A_GENERATOR = re.compile(r"\w\.random\(")


@pytest.mark.parametrize("file", sorted((PROJECT / "tests").rglob("*.py")), ids=lambda file: file.stem)
def test_no_test_draws_without_a_seed(file: Path) -> None:
    text = _OF_A_GENERATOR.sub("", file.read_text(encoding="utf-8"))
    assert _UNSEEDED.findall(text) == []
