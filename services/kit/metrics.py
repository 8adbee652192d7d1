"""The journal's counters as Prometheus metrics."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from services.kit.journal import Journal


class JournalCollector(Collector):
    """What one service has seen and holds, counted at the moment of asking."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def collect(self) -> Iterator[Metric]:
        """Events by name, connections ever and now, events dropped, CPU seconds."""
        role, journal = [self._journal.role], self._journal
        events = CounterMetricFamily("wireyard_events", "Journal events.", labels=["role", "event"])
        for event, count in list(journal.counts.items()):
            events.add_metric([*role, event], count)
        yield events
        yield _counter("wireyard_connections", "Connections accepted.", role, journal.opened)
        yield _counter("wireyard_events_dropped", "Events no longer held.", role, journal.dropped)
        open_now = GaugeMetricFamily("wireyard_connections_open", "Connections open.", labels=["role"])
        open_now.add_metric(role, len(journal.connections))
        yield open_now
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime
        yield _counter("process_cpu_seconds", "CPU time of the service.", role, cpu)
        for collector in journal.collectors:
            yield from collector.collect()


def _counter(name: str, text: str, role: list[str], value: float) -> CounterMetricFamily:
    counter = CounterMetricFamily(name, text, labels=["role"])
    counter.add_metric(role, value)
    return counter
