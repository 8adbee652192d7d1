"""What may be dialled. Default deny; judged on the very address that is about to be dialled. No I/O.

A line of the allow-list is a network, an address or a name, with or without a port:

    10.77.0.0/24      fd77::/64      10.77.0.0/24:443      [fd77::/64]:443
    127.0.0.1:7780    [::1]:7780     vault.wireyard.test   *.wireyard.test:443

Special addresses (special.py), denied networks, gateways and the proxy's own addresses are opened only by a
line that names one address and one port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from services.proxy.reference.errors import PolicyError
from services.proxy.reference.special import Address, Network, faces, plain, special


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the allow-list: exactly one of `network` and `name`; `port` None is every port."""

    network: Network | None
    name: str | None
    port: int | None

    def opens(self, name: str | None, address: Address, port: int) -> bool:
        """Whether the line is about this dial, special addresses aside."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        return name is not None and self.name is not None and _matches(self.name, name)

    @property
    def exact(self) -> tuple[Address, int] | None:
        """The very address and port that the line says, if it says one of each."""
        network = self.network
        if network is None or self.port is None or network.prefixlen != network.max_prefixlen:
            return None
        return network.network_address, self.port


class Policy:
    """`own` tells whether an address is the proxy's machine's; `denied` adds networks and why."""

    def __init__(
        self,
        lines: tuple[Line, ...],
        denied: tuple[tuple[Network, str], ...] = (),
        own: Callable[[Address], bool] = lambda _address: False,
    ) -> None:
        self._lines, self._denied_networks, self._own = lines, denied, own
        self._exact = frozenset(exact for exact in (line.exact for line in lines) if exact)

    def refuses(self, name: str | None, address: Address, port: int) -> str | None:
        """Why not to dial `address`, which `name` resolved to if a name was asked for; None permits."""
        address = plain(address)
        if self.names(address, port):
            return None
        for face in faces(address):
            if reason := special(face) or self._denied(face) or self._itself(face):
                if face == address:
                    return f"{face} is {reason}"
                return f"{address} stands for {face}, which is {reason}"
        if all(self._opened(name, face, port) for face in faces(address)):
            return None
        return f"{address} port {port} is not on the allow-list"

    def names(self, address: Address, port: int) -> bool:
        """Whether a line of the allow-list says this very address and port, so that nothing else matters."""
        return (address, port) in self._exact

    def _itself(self, address: Address) -> str | None:
        return "the proxy itself" if self._own(address) else None

    def _denied(self, address: Address) -> str | None:
        return next((why for network, why in self._denied_networks if address in network), None)

    def _opened(self, name: str | None, address: Address, port: int) -> bool:
        return any(line.opens(name, address, port) for line in self._lines)


def parse_lines(words: Iterable[str]) -> tuple[Line, ...]:
    """The allow-list. Raises PolicyError for a word that means nothing."""
    return tuple(_line(word) for word in words)


def parse_networks(words: Iterable[str]) -> tuple[Network, ...]:
    """The deny-list. Raises PolicyError."""
    return tuple(_network(word) for word in words)


def _line(word: str) -> Line:
    host, port = _split(word)
    if "/" in host or ":" in host or host.rpartition(".")[2].isdigit():
        return Line(_network(host), None, port)
    return Line(None, host.removesuffix(".").lower(), port)


def _split(word: str) -> tuple[str, int | None]:
    if word.startswith("["):
        host, bracket, rest = word[1:].partition("]")
        port = rest.removeprefix(":") if bracket and rest.startswith(":") else rest and "?"
    elif word.count(":") == 1:
        host, _, port = word.partition(":")
    else:
        return word, None
    if not port:
        return host, None
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise PolicyError(f"{word!r}: what follows the host is not a port")
    return host, int(port)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise PolicyError(str(error)) from None


def _matches(pattern: str, name: str) -> bool:
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
