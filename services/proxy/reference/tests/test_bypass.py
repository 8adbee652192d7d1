"""Every row of bypass.yaml against the reference: parsed, resolved, judged, and what is dialled."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.proxy.reference.dial import Dialler
from services.proxy.reference.errors import Cause, Refusal
from services.proxy.reference.policy import Policy, parse_lines, parse_networks
from services.proxy.reference.special import Address
from services.proxy.reference.target import parse_target

TABLE = yaml.safe_load((Path(__file__).parents[2] / "bypass.yaml").read_text(encoding="utf-8"))


class ScriptedResolver:
    """Says what the row says, and something else when asked again."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._first = row.get("resolves", [])
        self._then = row.get("then", [])
        self.asked = 0

    async def addresses(self, name: str) -> list[Address]:
        assert name == name.lower().rstrip(".")
        self.asked += 1
        if not self._first:
            raise Refusal(502, Cause.DNS_ERROR, "no such name")
        return [ip_address(text) for text in (self._first if self.asked == 1 else self._then)]


def dialler(row: dict[str, Any], resolver: ScriptedResolver) -> Dialler:
    own = {ip_address(text) for text in TABLE["own"]}
    denied = tuple((network, "denied") for network in parse_networks(TABLE["deny"]))
    policy = Policy(parse_lines(row.get("allow", TABLE["allow"])), denied, own.__contains__)
    return Dialler(resolver, policy, 1.0)


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: row["why"])
async def test_row(row: dict[str, Any]) -> None:
    resolver = ScriptedResolver(row)
    status, dialled = await judged(row, resolver)
    assert (status, dialled) == (row["expect"], [row["dials"]] if "dials" in row else [])
    assert resolver.asked <= 1


async def judged(row: dict[str, Any], resolver: ScriptedResolver) -> tuple[int, list[str]]:
    """The status, and the addresses that would be dialled."""
    try:
        addresses = await dialler(row, resolver).permitted(parse_target(row["target"]))
    except Refusal as refusal:
        return refusal.status, []
    return 200, [str(address) for address in addresses]


def test_the_table_has_no_row_twice() -> None:
    reasons = [row["why"] for row in TABLE["rows"]]
    assert len(reasons) == len(set(reasons))
