"""What the service has done, in numbers for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from services.dns.reference.exchange import Asker, Outcome
from services.dns.reference.names import to_text
from services.dns.reference.nameserver import NameServer
from services.dns.reference.rrl import RateLimiter
from services.dns.reference.rrtypes import rcode_to_text, type_to_text

OTHER = "other"
MOST_TYPES = 100


class Statistics(Collector):
    """Counts what had to be judged; what others did not need is the rest of the journal."""

    def __init__(self, role: str, server: NameServer, limiter: RateLimiter | None) -> None:
        self._role = role
        self._server = server
        self._limiter = limiter
        self._codes: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._transports: Counter[str] = Counter()

    def count(self, outcome: Outcome, asker: Asker) -> None:
        """Count one judged message."""
        self._transports[asker.transport.value] += 1
        first = next(iter(outcome.deliveries), None)
        self._codes[rcode_to_text(first.wire[3] & 0xF) if first else "none"] += 1
        if outcome.query is not None:
            rrtype = type_to_text(outcome.query.qtype)
            known = rrtype in self._types or len(self._types) < MOST_TYPES
            self._types[rrtype if known else OTHER] += 1

    def collect(self) -> Iterator[Metric]:
        """Judged messages by code, type and transport; kept answers; zones by serial; limited answers."""
        yield self._counters(
            "wireyard_dns_judged", "Messages that had to be judged, by code.", "rcode", self._codes
        )
        yield self._counters("wireyard_dns_types", "Those messages by type asked for.", "type", self._types)
        yield self._counters(
            "wireyard_dns_transports", "Those messages by transport.", "transport", self._transports
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

    def _counters(self, name: str, text: str, label: str, counts: Counter[str]) -> CounterMetricFamily:
        family = CounterMetricFamily(name, text, labels=["role", label])
        for key, count in sorted(counts.items()):
            family.add_metric([self._role, key], count)
        return family
