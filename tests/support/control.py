"""A service's control port, as far as tests act on connections through it."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from typing import Any

from lab.topology import Endpoint


class Control:
    """What is open at a service, and what may be done to it."""

    def __init__(self, where: Endpoint) -> None:
        self._base = f"http://{where.address}:{where.port}"

    async def get(self, path: str) -> Any:
        """The JSON at `path`."""
        return json.loads(await asyncio.to_thread(self._read, path))

    async def find(self, **wanted: object) -> dict[str, Any]:
        """The one open connection that has these values. Raises AssertionError when it is not one."""
        connections = await self.get("/connections")
        found: list[dict[str, Any]] = [c for c in connections if wanted.items() <= c.items()]
        assert len(found) == 1, f"{len(found)} of {len(connections)} connections have {wanted}"
        return found[0]

    async def act(self, number: int, verb: str) -> None:
        """Does `verb` (`pause`, `resume`, `reset`) to the connection of that number."""
        await asyncio.to_thread(self._read, f"/connections/{number}/{verb}", b"")

    def _read(self, path: str, data: bytes | None = None) -> str:
        with urllib.request.urlopen(self._base + path, data, timeout=5) as answer:
            text: str = answer.read().decode()
            return text


def name(address: Sequence[Any]) -> str:
    """A socket's address as the control port writes it."""
    return f"[{address[0]}]:{address[1]}" if ":" in str(address[0]) else f"{address[0]}:{address[1]}"
