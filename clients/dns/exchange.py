"""One question to one server, over UDP, TCP, TLS or HTTPS, and everything that its answer says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.asyncquery
import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from clients.dns.carriers import TIMEOUT, Server, Transport, exchange
from clients.dns.errors import BadNameError, BadResponseError, NoServerError, TimedOutError
from clients.trace import Trace

PAYLOAD = 1232


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        message: the whole answer, as dnspython reads it.
        transport: how it came.
        truncated: whether it is the second one, after a truncated one over UDP.
    """

    message: dns.message.Message
    transport: Transport
    truncated: bool = False

    @property
    def rcode(self) -> str:
        """Mnemonic of the (extended) response code, such as NXDOMAIN."""
        return dns.rcode.to_text(self.message.rcode())

    @property
    def flags(self) -> frozenset[str]:
        """Header flags in lower case: qr, aa, tc, rd, ra, ad, cd."""
        return frozenset(dns.flags.to_text(self.message.flags).lower().split())

    @property
    def answer(self) -> list[str]:
        """The records of the answer section, one line each."""
        return lines(self.message.answer)

    @property
    def authority(self) -> list[str]:
        """The records of the authority section, one line each."""
        return lines(self.message.authority)

    @property
    def additional(self) -> list[str]:
        """The records of the additional section without OPT, one line each."""
        return lines(self.message.additional)

    def values(self, rrtype: str) -> list[str]:
        """Return the data of the answer's records of one type, as text, in order."""
        number = dns.rdatatype.from_text(rrtype)
        return [rdata.to_text() for rrset in self.message.answer if rrset.rdtype == number for rdata in rrset]

    def option(self, code: int) -> dns.edns.Option | None:
        """Return the first EDNS option with this code, or None."""
        return next((option for option in self.message.options if option.otype == code), None)


def lines(section: Iterable[dns.rrset.RRset]) -> list[str]:
    """Return the records of a section as lines `owner ttl IN type data`."""
    return [line for rrset in section for line in rrset.to_text().splitlines()]


def question(
    name: str,
    rrtype: str = "A",
    *,
    payload: int | None = None,
    options: Sequence[dns.edns.Option] = (),
    dnssec_ok: bool = False,
) -> dns.message.QueryMessage:
    """Return a query with recursion desired.

    Args:
        name: what to ask for, absolute.
        rrtype: mnemonic of a type.
        payload: largest UDP answer, in octets; None asks without EDNS unless another argument needs it.
        options: EDNS options.
        dnssec_ok: the DO bit.

    Raises:
        BadNameError: the name cannot be written.
    """
    try:
        query = dns.message.make_query(name, rrtype)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise BadNameError(name, str(error)) from error
    if payload is not None or options or dnssec_ok:
        query.use_edns(0, dns.flags.DO if dnssec_ok else 0, payload or PAYLOAD, options=list(options))
    return query


async def ask(
    server: Server,
    query: dns.message.Message,
    transport: Transport = "auto",
    *,
    within: float = TIMEOUT,
    source: str | None = None,
    trace: Trace | None = None,
) -> Reply:
    """Send one query and return the answer.

    Args:
        server: whom to ask.
        query: from `question`.
        transport: how.
        within: seconds for the whole exchange.
        source: local address to ask from.
        trace: is told `connect`, `query` and `answer`.

    Raises:
        BadResponseError, NoServerError, TimedOutError: as they say.
    """
    name = query.question[0].name.to_text() if query.question else "."
    trace = trace or Trace()
    try:
        async with asyncio.timeout(within):
            message = await exchange(server, query, transport, source, trace)
            if transport == "auto" and message.flags & dns.flags.TC:
                again = await exchange(server, query, "tcp", source, trace)
                return Reply(again, "tcp", truncated=True)
            return Reply(message, "udp" if transport == "auto" else transport)
    except (TimeoutError, dns.exception.Timeout) as error:
        raise TimedOutError(name, f"no answer from {server.address} port {server.port}") from error
    except ConnectionRefusedError as error:
        raise NoServerError(name, f"{server.address} port {server.port}") from error
    except OSError as error:
        raise NoServerError(name, f"{server.address} port {server.port}: {error}") from error
    except (dns.exception.DNSException, EOFError) as error:
        raise BadResponseError(name, str(error) or type(error).__name__) from error
