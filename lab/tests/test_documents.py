"""What the documents name is there: every link leads somewhere, every command is one."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.topology import PROJECT

PLACES = ("*.md", "docs/*.md", "services/**/*.md", "certs/*.md", "bench/*.md")
DOCUMENTS = sorted({file.relative_to(PROJECT) for place in PLACES for file in PROJECT.glob(place)})
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
_TARGET = re.compile(r"(?:^ {4}|`)make ([a-z][a-z-]*)", re.MULTILINE)
_MODULE = re.compile(r"python3? -m ((?:bench|certs|clients|lab|services)[\w.]*)")

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=str)


def _found(pattern: re.Pattern[str], document: Path) -> Iterator[str]:
    return (found[1] for found in pattern.finditer((PROJECT / document).read_text(encoding="utf-8")))


@every_document
def test_every_link_leads_to_a_file(document: Path) -> None:
    folder = (PROJECT / document).parent
    assert [link for link in _found(_LINK, document) if not (folder / link).exists()] == []


@every_document
def test_every_target_is_one_of_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(_found(_TARGET, document)) <= targets


@every_document
def test_every_module_is_there_to_run(document: Path) -> None:
    named = {name.rstrip(".") for name in _found(_MODULE, document)} - {"clients"}
    assert [name for name in sorted(named) if importlib.util.find_spec(name) is None] == []


def test_the_documents_that_a_newcomer_needs_are_among_them() -> None:
    assert {Path("README.md"), Path("docs/bring-your-own.md"), Path("services/README.md")} <= set(DOCUMENTS)
