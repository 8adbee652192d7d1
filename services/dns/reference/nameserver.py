"""Everything that answers, put together once for every transport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from lab.topology import Topology, View
from services.dns.reference import catalogue, yard
from services.dns.reference.cache import AnswerCache
from services.dns.reference.cookies import CookieJar
from services.dns.reference.direct import DirectAnswers
from services.dns.reference.errors import MessageError
from services.dns.reference.exchange import Asker, Outcome, Request
from services.dns.reference.liar import Liar
from services.dns.reference.names import from_text
from services.dns.reference.reflect import Reflector
from services.dns.reference.reply import Options, Replier
from services.dns.reference.responder import Responder, Special
from services.dns.reference.store import Store
from services.dns.reference.transfer import Transfers

LIES = from_text("lies", yard.DOMAIN)
REFLECT = from_text("reflect", yard.DOMAIN)


@dataclass(frozen=True, slots=True)
class Config:
    """What one name server is made from.

    Attributes:
        topology: the yard.
        view: from where names are asked.
        zones: directory of zone files, or None.
        options: what its answers have in common.
        secret: 16 octets that server cookies are made with.
    """

    topology: Topology
    view: View
    zones: Path | None
    options: Options
    secret: bytes


class NameServer:
    """One answering core: zones, lies, reflections and transfers behind `respond`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.cache, self.streamed = AnswerCache(), AnswerCache()  # answers over UDP, and over connections
        self.store = Store(self.changed)
        replier = Replier(config.options, CookieJar(config.secret))
        self.liar = Liar(LIES, replier, lambda: self.store.zones)
        reflector = Reflector(replier, lambda: self.store.zones)
        self._direct = DirectAnswers({}, ())
        specials: dict[bytes, Special] = {LIES: self.liar, REFLECT: reflector}
        transfers = Transfers(replier, _own_networks(config))
        self._responder = Responder(self.store, replier, specials, self.liar, transfers)

    def changed(self) -> None:
        """Forget what was made from the zones and lies of before."""
        self.cache.clear()
        self.streamed.clear()
        self._direct = DirectAnswers(self.store.zones, (LIES, REFLECT, *self.liar.told_of))

    def quick(self, data: bytes, cache: AnswerCache) -> bytes | None:
        """Return the answer that `cache` has, or that needs no judging and is kept there from now on."""
        kept = cache.get(data)
        if kept is not None:
            return kept
        answer = self._direct.get(data)
        if answer is not None:
            cache.put_spelled(data, answer)
        return answer

    def respond(self, data: bytes, asker: Asker, now: float) -> Outcome:
        """Return what becomes of one message at Unix time `now`."""
        return self._responder.respond(data, asker, now)

    def refuse(self, request: Request, error: MessageError) -> bytes:
        """Return the answer that an error earns."""
        return self._responder.refuse(request, error).deliveries[0].wire

    def read(self, now: int) -> catalogue.Zones:
        """Read and check all zones, without serving them yet; may run beside the loop.

        Raises:
            ZoneError: the first error, with file and line.
        """
        config = self._config
        serial = max([now, *(zone.serial + 1 for zone in self.store.zones.values())]) % 2**32
        return catalogue.gather(config.topology, config.view, config.zones, serial)

    def load(self, now: int) -> None:
        """Read and serve all zones.

        Raises:
            ZoneError: the first error; what was served stays.
        """
        self.store.load(self.read(now))


def _own_networks(config: Config) -> Sequence[IPv4Network | IPv6Network]:
    return (*yard.networks(config.topology, config.view), *yard.LOOPBACK)
