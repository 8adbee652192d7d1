"""Which implementations are judged side by side: roles are independent, but for what their tests lean on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.selection import REFERENCE
from lab.swap import Wish

_HTTP = ("http1", "https", "h2c", "h2")
# What the tests of a role ask other roles for. Whoever fills those while it is judged must be ours, or what
# filled them before.
LEANS_ON: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_HTTP, frozenset({"dns"})),  # the names of the yard
    "proxy": frozenset({"dns", "http1", "https", "h2", "tcp-echo"}),  # names, and targets of tunnels
}


def rounds(wishes: Sequence[Wish]) -> list[tuple[Wish, ...]]:
    """Every wish once, in its role's order; at most one a role in a round, and none that another leans on."""
    waiting: dict[str, list[Wish]] = {}
    for wish in wishes:
        waiting.setdefault(wish.role, []).append(wish)
    found = []
    while waiting:
        chosen: list[Wish] = []
        for role in sorted(waiting, key=lambda name: -len(waiting[name])):
            if not any(_disturbs(waiting[role][0], wish) for wish in chosen):
                chosen.append(waiting[role].pop(0))
        waiting = {role: left for role, left in waiting.items() if left}
        found.append(tuple(chosen))
    return found


def _disturbs(one: Wish, other: Wish) -> bool:
    """Whether the tests of one would ask what fills the other's role."""
    return _leans(one, other) or _leans(other, one)


def _leans(one: Wish, other: Wish) -> bool:
    return other.implementation != REFERENCE and other.role in LEANS_ON.get(one.role, ())
