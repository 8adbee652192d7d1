"""The few lines of README.md that come from the last recorded results, between `<!-- speed -->` marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bench.page import NODE, OURS

ROWS = {
    "http1 todos": "HTTP/1.1, GET",
    "https todos": "HTTPS, GET",
    "h2c todos 32 streams": "HTTP/2 in the clear",
    "h2 todos 32 streams": "HTTP/2 over TLS",
    "tcp-echo ping": "TCP echo, 64 bytes",
    "udp-echo": "UDP echo, 64 bytes",
    "proxy download": "one tunnel",
    "dns 1000 names": "DNS over UDP",
}
_PLACE = re.compile(r"(?<=<!-- speed -->\n).*?(?=<!-- /speed -->)", re.DOTALL)


def refreshed(readme: str, results: Mapping[str, Any]) -> str:
    """`readme` with its figures written anew. Raises ValueError when there is no place for them."""
    if not _PLACE.search(readme):
        raise ValueError("README.md has no place for the figures: <!-- speed --> … <!-- /speed -->")
    return _PLACE.sub(lambda _: headline(results), readme)


def headline(results: Mapping[str, Any]) -> str:
    """A table of the main rows: ours, Node, the best other peer, in thousands or megabytes a second."""
    machine, found = results["machine"], {row["name"]: row for row in results["rows"]}
    cells = [_cells(title, found[name]) for name, title in ROWS.items() if name in found]
    table = "".join(f"| {' | '.join(words)} |\n" for words in cells)
    where = f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}"
    how = f"server and load on one core each, medians of {results['rounds']} rounds and of their ratios"
    return (
        "| per second | Wireyard | Node | × Node | best other | CPU µs, ours / Node's |\n"
        f"|---|--:|--:|--:|--:|--:|\n{table}\n"
        f"{results['taken'][:10]}, {where}, Python {machine['python']}; {how}.\n"
    )


def _cells(title: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    valid = {f["peer"]: f for f in row["figures"] if not f["errors"]}
    ours, node = valid.get(OURS), valid.get(NODE)
    best = max((f for p, f in valid.items() if p not in (OURS, NODE)), key=_rate, default=None)
    unit = row["unit"]
    return (
        title,
        _amount(ours, unit),
        _amount(node, unit),
        f"{ours['ratio_to_node']:.2f}" if ours and ours["ratio_to_node"] else "",
        f"{_amount(best, unit)} ({best['peer']})" if best else "",
        f"{ours['cpu_us']:.1f} / {node['cpu_us']:.1f}" if ours and node and unit != "MB" else "",
    )


def _rate(figure: Mapping[str, Any]) -> float:
    return float(figure["rate"])


def _amount(figure: Mapping[str, Any] | None, unit: str) -> str:
    if figure is None:
        return "void"
    return f"{_rate(figure):,.0f} MB" if unit == "MB" else f"{_rate(figure) / 1000:,.1f} k"
