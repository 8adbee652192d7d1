"""Proactive negotiation (RFC 9110 12): which of the offered things a client likes best."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")

# RFC 9110 8.4.1.3: an old name, still to be understood.
_ALIASES = {"x-gzip": "gzip"}

# Below the least weight that a client can write.
_LEAST = 0.0005


def qualities(field: bytes) -> dict[str, float]:
    """The weight of each item of an Accept or Accept-Encoding value (RFC 9110 12.4.2), but malformed ones."""
    weights: dict[str, float] = {}
    for item in field.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = next((text[2:].strip() for text in parameters if text.startswith("q=")), "1")
        if name and _QUALITY.fullmatch(weight):
            weights[name] = float(weight)
    return weights


def best_coding(field: bytes | None, offered: Sequence[str]) -> str | None:
    """The coding to answer in, or None when even `identity` is refused (RFC 9110 12.5.3).

    Without the field nothing is known of the client, so the content stays as it is.
    """
    if field is None:
        return "identity"
    weights = qualities(field)
    for alias, name in _ALIASES.items():
        if alias in weights:
            weights.setdefault(name, weights[alias])
    others = weights.get("*", 0.0)
    ranked = [(weights.get(name, others), name) for name in offered]
    weight, name = max([*ranked, (_identity(weights), "identity")], key=lambda pair: pair[0])
    return name if weight > 0 else None


def _identity(weights: dict[str, float]) -> float:
    """Acceptable without a word about it, but below anything named; `*;q=0` alone excludes it too."""
    if "identity" in weights:
        return weights["identity"]
    return 0.0 if weights.get("*") == 0 else _LEAST


def best_media(field: bytes | None, offered: Sequence[str]) -> str | None:
    """The media type to answer in, first of `offered` on a tie, or None (RFC 9110 12.5.1)."""
    if field is None:
        return offered[0]
    weights = qualities(field)
    weight, name = max(((_media_weight(weights, name), name) for name in offered), key=lambda pair: pair[0])
    return name if weight > 0 else None


def _media_weight(weights: dict[str, float], name: str) -> float:
    """The weight of the most specific range that covers `name`."""
    ranges = (name, name.partition("/")[0] + "/*", "*/*")
    return next((weights[one] for one in ranges if one in weights), 0.0)
