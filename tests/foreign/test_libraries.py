"""Our own clients, httpx, aiohttp, requests and dnspython understand every service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.patience import SECOND
from tests.foreign.libraries import LIBRARIES, Library, Where
from tests.support.yard import Yard

# How long one answer may take.
WITHIN = 15 * SECOND


def _parameters() -> list[object]:
    return [
        pytest.param(
            library.role,
            library,
            id=f"{library.role}: {library.client}",
            marks=[pytest.mark.feature(library.feature)],
        )
        for library in LIBRARIES
    ]


@pytest.mark.parametrize(("role", "library"), _parameters())
async def test_a_library_is_answered(
    role: str, library: Library, yard: Yard, ca: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("client", library.client)
    vault = yard.topology.endpoint("vault", yard.view)
    async with asyncio.timeout(WITHIN):
        assert await library.ask(Where(role, yard.endpoint(role), ca, vault)) == library.expected
