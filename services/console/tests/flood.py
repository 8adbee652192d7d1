"""Events at a steady rate, by requests that are pipelined on one connection to the HTTP/1.1 service."""

from __future__ import annotations

import asyncio
import time

EVENTS_A_REQUEST = 3
"""`request`, `finish`, `close` (services/http/CONTRACT.md)."""
_STEP = 0.05
_REQUEST = b"GET /todos?name=zhangsan HTTP/1.1\r\nHost: http1.wireyard.test\r\n\r\n"
_ANSWER_ENDS = '过生日"}]'.encode()


async def flood(port: int, events: int, seconds: float) -> int:
    """About `events` a second for `seconds`; how many there were."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun, sent, answered, rest = time.monotonic(), 0, 0, b""
    while (elapsed := time.monotonic() - begun) < seconds:
        due = int(elapsed * events / EVENTS_A_REQUEST) - sent
        writer.write(_REQUEST * due)
        sent += due
        async with asyncio.timeout(10):
            while answered < sent:
                rest += await reader.read(1 << 16)
                answered += rest.count(_ANSWER_ENDS)
                rest = rest[rest.rfind(_ANSWER_ENDS) + len(_ANSWER_ENDS) :] if _ANSWER_ENDS in rest else rest
        tick = asyncio.get_running_loop().create_future()
        tick.get_loop().call_later(_STEP, tick.set_result, None)
        await tick
    writer.close()
    await writer.wait_closed()
    return sent * EVENTS_A_REQUEST
