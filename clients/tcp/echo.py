"""What a TCP echo service is asked (RFC 862): all that is sent comes back, then FIN."""

from __future__ import annotations

import asyncio

from clients.net.errors import EndedEarly, NetError
from clients.net.stream import CHUNK, Stream


class WrongEcho(NetError):  # noqa: N818 - named for what happened
    """What came back is not what was sent."""


async def echo(stream: Stream, data: bytes) -> bytes:
    """Sends `data` and FIN while reading; gives what came back, up to the service's own FIN.

    Raises WrongEcho naming the first byte that differs, and EndedEarly when some are missing.
    """
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(_send(stream, data))
        back = await stream.receive_rest()
        # A service that ended before everything was sent takes the rest with it.
        sending.cancel()
    _compare(data, back)
    return back


async def _send(stream: Stream, data: bytes) -> None:
    for start in range(0, len(data), CHUNK):
        await stream.send(data[start : start + CHUNK])
    await stream.end()


def _compare(sent: bytes, back: bytes) -> None:
    if sent == back:
        return
    if sent.startswith(back):
        raise EndedEarly("receive", f"only {len(back)} of {len(sent)} bytes came back", back)
    place = next((i for i, (a, b) in enumerate(zip(sent, back, strict=False)) if a != b), len(sent))
    raise WrongEcho("receive", f"byte {place} is not what was sent")
