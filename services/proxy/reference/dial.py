"""From a target to an open connection: resolve, judge every address, dial those that pass one by one.

One look-up, and the address that was judged is the address that is dialled: a name that changes between two
look-ups has nothing to gain.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence
from functools import cached_property

from services.kit.crowd import Crowd
from services.proxy.reference.errors import Cause, Refusal
from services.proxy.reference.policy import Policy
from services.proxy.reference.resolver import Resolver
from services.proxy.reference.special import Address, plain, spelled
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import Side

FINENESS = 8
"""A dial ends at most this part of its whole time late."""

_CAUSES: dict[int | None, tuple[int, Cause]] = {
    errno.ECONNREFUSED: (502, Cause.CONNECTION_REFUSED),
    errno.ECONNRESET: (502, Cause.CONNECTION_TERMINATED),
    errno.ENETUNREACH: (502, Cause.IP_UNROUTABLE),
    errno.EHOSTUNREACH: (502, Cause.IP_UNROUTABLE),
    errno.EADDRNOTAVAIL: (502, Cause.IP_UNROUTABLE),
    errno.ETIMEDOUT: (504, Cause.CONNECTION_TIMEOUT),
    errno.EMFILE: (503, Cause.CONNECTION_LIMIT),
    errno.ENFILE: (503, Cause.CONNECTION_LIMIT),
}


class Dialler:
    """Opens connections for the proxy, and refuses those that the policy refuses."""

    def __init__(self, resolver: Resolver, policy: Policy, within: float) -> None:
        self._resolver, self._policy, self._within = resolver, policy, within
        self._named: dict[str, list[Address]] = {}
        """What exact lines of the allow-list open, by the text of the target: two to a line at most, for an
        IPv4 address may be asked for as mapped, too."""
        self._attempts: Crowd[_Attempt] = Crowd(within / FINENESS)

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    async def permitted(self, target: Target) -> list[Address]:
        """The addresses that may be dialled for `target`. Raises Refusal: 403 when none may be."""
        if target.text in self._named:
            return self._named[target.text]
        if isinstance(target.host, str):
            name, addresses = target.host, await self._resolver.addresses(target.host)
        else:
            name, addresses = None, [target.host]
        verdicts = [(address, self._policy.refuses(name, address, target.port)) for address in addresses]
        good = [plain(address) for address, reason in verdicts if reason is None]
        if not good:
            reasons = "; ".join(reason for _, reason in verdicts if reason)
            raise Refusal(403, Cause.IP_PROHIBITED, reasons)
        if name is None and self._policy.names(good[0], target.port):
            self._named[target.text] = good
        return good

    async def dial(self, addresses: Sequence[Address], port: int, factory: Callable[[], Side]) -> Side:
        """A connected side from `factory`. Raises Refusal: 502 or 504, told by the last address tried."""
        now = self._loop.time()
        end = now + self._within
        for left in range(len(addresses), 0, -1):
            host = spelled(addresses[-left])
            try:
                side = await self._connected(factory, host, port, now + (end - now) / left)
            except OSError as error:
                failure = _refusal(error, f"{host} port {port}")
                now = self._loop.time()
            else:
                side.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
                return side
        raise failure

    async def _connected(self, factory: Callable[[], Side], host: str, port: int, until: float) -> Side:
        """One dial. Raises OSError, which is TimeoutError from `until` on."""
        attempt = _Attempt(self._loop, until)
        self._attempts.add(attempt)
        try:
            _, side = await self._loop.create_connection(factory, host, port)
        except asyncio.CancelledError:
            if attempt.was_late():
                raise TimeoutError from None
            raise
        finally:
            self._attempts.discard(attempt)
        return side


class _Attempt:
    """A dial that must have ended by `until`, a moment of the loop's clock.

    `asyncio.timeout` would do the same with a timer for each: a twentieth of what a whole tunnel costs.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        self._loop, self._until = loop, until
        self._task = asyncio.current_task(loop)
        self._late = False

    def moved(self) -> int:
        """A dial only waits."""
        return 0

    def quiet(self) -> None:
        """Time has passed; perhaps all that there was."""
        if not self._late and self._task is not None and self._loop.time() >= self._until:
            self._late = True
            self._task.cancel()

    def was_late(self) -> bool:
        """Whether its task was cancelled for being late, and for nothing else."""
        return self._late and self._task is not None and self._task.uncancel() == 0


def _refusal(error: OSError, where: str) -> Refusal:
    # The TimeoutError of a late dial carries no number.
    number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno
    status, cause = _CAUSES.get(number, (502, Cause.DESTINATION_UNAVAILABLE))
    words = "did not answer in time" if cause is Cause.CONNECTION_TIMEOUT else error.strerror or str(error)
    return Refusal(status, cause, f"{where}: {words}")
