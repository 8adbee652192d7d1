"""From a target to an open connection: resolve, judge every address, dial those that pass one by one.

One look-up, and the address that was judged is the address that is dialled: a name that changes between two
look-ups has nothing to gain.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence

from services.proxy.reference.errors import Cause, Refusal
from services.proxy.reference.policy import Policy
from services.proxy.reference.resolver import Resolver
from services.proxy.reference.special import Address, plain, spelled
from services.proxy.reference.target import Target
from services.proxy.reference.tunnel import Side

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

    async def permitted(self, target: Target) -> list[Address]:
        """The addresses that may be dialled for `target`. Raises Refusal: 403 when none may be."""
        if isinstance(target.host, str):
            name, addresses = target.host, await self._resolver.addresses(target.host)
        else:
            name, addresses = None, [target.host]
        verdicts = [(address, self._policy.refuses(name, address, target.port)) for address in addresses]
        good = [plain(address) for address, reason in verdicts if reason is None]
        if not good:
            reasons = "; ".join(reason for _, reason in verdicts if reason)
            raise Refusal(403, Cause.IP_PROHIBITED, reasons)
        return good

    async def dial(self, addresses: Sequence[Address], port: int, factory: Callable[[], Side]) -> Side:
        """A connected side from `factory`. Raises Refusal: 502 or 504, told by the last address tried."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._within
        for left in range(len(addresses), 0, -1):
            host, share = spelled(addresses[-left]), (end - loop.time()) / left
            try:
                async with asyncio.timeout(share):
                    _, side = await loop.create_connection(factory, host, port)
                    side.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
                    return side
            except OSError as error:
                failure = _refusal(error, f"{host} port {port}")
        raise failure


def _refusal(error: OSError, where: str) -> Refusal:
    # The builtin TimeoutError carries no number when it comes from asyncio.timeout.
    number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno
    status, cause = _CAUSES.get(number, (502, Cause.DESTINATION_UNAVAILABLE))
    words = "did not answer in time" if cause is Cause.CONNECTION_TIMEOUT else error.strerror or str(error)
    return Refusal(status, cause, f"{where}: {words}")
