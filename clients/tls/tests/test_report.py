"""The report's own judgement, without any client."""

from __future__ import annotations

import json
from io import StringIO

from rich.console import Console

from certs.zoo import BY_NAME
from certs.zoo import CASES as ZOO
from clients.tls.report.model import Answer
from clients.tls.report.table import as_json, faults, markdown, terminal

GOOD, EXPIRED, REVOKED = BY_NAME["p256"], BY_NAME["expired"], BY_NAME["revoked"]
CLIENTS = ("ours", "urllib", "httpx", "aiohttp", "curl", "node", "openssl", "gnutls-cli")
CASES = (GOOD, EXPIRED, REVOKED)
LAX = [Answer(accepted=True)] * 3
STRICT = [Answer(accepted=True), Answer(False, "has expired"), Answer(False, "revoked")]
PARANOID = [Answer(False, "never")] * 3


def test_only_what_differs_from_a_correct_client_is_a_fault() -> None:
    found = faults(CASES, {"lax": LAX, "strict": STRICT, "paranoid": PARANOID})
    assert [line.partition(":")[0] for line in found] == ["lax accepts expired", "paranoid refuses p256"]
    assert found[1].endswith("it says: never")


def test_revocation_is_left_to_the_client() -> None:
    """RFC 5280, 6.3: whether it is checked is the relying party's decision."""
    assert not Answer(accepted=True).wrong(REVOKED)
    assert not Answer(accepted=False).wrong(REVOKED)


def test_eighty_columns_hold_every_case_and_client_whole() -> None:
    console = Console(width=80, record=True, file=StringIO())
    console.print(terminal(ZOO, dict.fromkeys(CLIENTS, [Answer(accepted=False)] * len(ZOO))))
    shown = console.export_text()
    assert "…" not in shown
    assert all(f"\n{case.name} " in shown for case in ZOO)


def test_a_wrong_answer_stands_out_in_every_form() -> None:
    console = Console(width=80, record=True, file=StringIO())
    console.print(terminal(CASES, dict.fromkeys(CLIENTS, LAX)))
    assert console.export_text().count("YES") == 1 + len(CLIENTS), "the caption and the expired one"
    shown = markdown(CASES, {"lax": LAX}, {"lax": "1.0"})
    assert "* lax: 1.0" in shown
    assert "**ACCEPTS**" in shown
    told = json.loads(as_json(CASES, {"lax": LAX}, {"lax": "1.0"}))
    assert [row["clients"]["lax"]["wrong"] for row in told["cases"]] == [False, True, False]
