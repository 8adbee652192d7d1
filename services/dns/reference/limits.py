"""What the connections of one service may cost together."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Held(Protocol):
    """A connection, as far as its place among the others goes."""

    def abandon(self, reason: str) -> None:
        """Close now."""
        ...

    def finish(self) -> None:
        """Close as soon as nothing waits."""
        ...


class Limits:
    """The TCP connections of one service, and what each of them may cost.

    Args:
        idle: seconds of silence after which a connection is closed.
        connections: most of them; one more ends the one that has been silent longest.
        pipeline: unanswered queries of one connection, past which it is not read.
    """

    def __init__(self, idle: float, connections: int, pipeline: int) -> None:
        self.idle = idle
        self.connections = connections
        self.pipeline = pipeline
        self.open: dict[Held, None] = {}
        self.left = asyncio.Event()

    def admit(self, newcomer: Held) -> None:
        """Count a connection in; the longest silent one makes room for it."""
        self.open[newcomer] = None
        if len(self.open) > self.connections:
            next(iter(self.open)).abandon("too many connections")

    def release(self, leaver: Held) -> None:
        """Count a connection out."""
        self.open.pop(leaver, None)
        self.left.set()

    async def emptied(self, within: float) -> None:
        """Wait until no connection is left, at most `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while self.open:
                    self.left.clear()
                    await self.left.wait()
        except TimeoutError:
            return

    def touched(self, protocol: Held) -> None:
        """Note that a connection is in use."""
        self.open.pop(protocol, None)
        self.open[protocol] = None
