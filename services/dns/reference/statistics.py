"""What the service has done, in numbers for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from services.dns.reference.exchange import Outcome, Transport
from services.dns.reference.facts import rcode_of
from services.dns.reference.names import to_text
from services.dns.reference.nameserver import NameServer
from services.dns.reference.rrl import RateLimiter
from services.dns.reference.rrtypes import Rcode, rcode_to_text, type_to_text

OTHER, NONE, FORWARDED = "other", "none", "forwarded"
MOST_TYPES = 100


class Statistics(Collector):
    """Counts messages by transport, their answers by code, and what had to be judged by type.

    What is answered without judging is data that is there, and so NOERROR.
    """

    def __init__(self, role: str, server: NameServer, limiter: RateLimiter | None) -> None:
        self._role = role
        self._server = server
        self._limiter = limiter
        self._codes: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._transports = {transport.value: 0 for transport in (Transport.UDP, Transport.TCP, Transport.TLS)}

    def add(self, transport: Transport, messages: int) -> None:
        """Count messages that came, judged or not."""
        self._transports[transport.value] += messages

    def count(self, outcome: Outcome) -> None:
        """Count what became of one judged message."""
        self._codes[_fate(outcome)] += 1
        if outcome.query is not None:
            rrtype = type_to_text(outcome.query.qtype)
            known = rrtype in self._types or len(self._types) < MOST_TYPES
            self._types[rrtype if known else OTHER] += 1

    def collect(self) -> Iterator[Metric]:
        """Messages by transport, code and type; kept answers; zones by serial; limited answers."""
        yield self._counters("wireyard_dns_queries", "Messages by transport.", "transport", self._transports)
        yield self._counters(
            "wireyard_dns_answers", "Those messages by the code earned.", "rcode", self._answers()
        )
        yield self._counters(
            "wireyard_dns_judged", "Those that had to be judged, by type.", "type", self._types
        )
        kept = GaugeMetricFamily("wireyard_dns_cache_entries", "Packed answers kept.", labels=["role"])
        kept.add_metric([self._role], len(self._server.cache) + len(self._server.streamed))
        yield kept
        zones = GaugeMetricFamily(
            "wireyard_dns_zone_serial", "Serial number by zone.", labels=["role", "zone"]
        )
        for apex, zone in self._server.store.zones.items():
            zones.add_metric([self._role, to_text(apex)], zone.serial)
        yield zones
        if self._limiter is not None:
            limited = Counter(dropped=self._limiter.dropped, slipped=self._limiter.slipped)
            yield self._counters("wireyard_dns_limited", "Answers over the rate.", "fate", limited)

    def _answers(self) -> Counter[str]:
        quick = sum(self._transports.values()) - self._codes.total()
        return self._codes + Counter({rcode_to_text(Rcode.NOERROR): quick})

    def _counters(self, name: str, text: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
        family = CounterMetricFamily(name, text, labels=["role", label])
        for key, count in sorted(counts.items()):
            family.add_metric([self._role, key], count)
        return family


def _fate(outcome: Outcome) -> str:
    """Return the code that was answered, or what was done instead."""
    if outcome.deliveries:
        return rcode_to_text(rcode_of(outcome.deliveries[0].wire))
    if outcome.stream is not None:
        return rcode_to_text(Rcode.NOERROR)
    return FORWARDED if outcome.forward is not None else NONE
