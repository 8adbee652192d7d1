"""Basic, Bearer and Digest authentication."""

from __future__ import annotations

import hashlib
import re
import time
from base64 import b64encode

import pytest

from services.http.app import digest
from services.http.app.tests.memory import ask


def basic(words: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(words.encode()).decode()}


@pytest.mark.parametrize(
    ("words", "status"),
    [("jane:se:cret", 200), ("jane:", 401), ("jane", 401), ("jane:secret", 401), (":", 401)],
)
async def test_basic(words: str, status: int) -> None:
    answer = await ask("GET", "/basic-auth/jane/se%3Acret", basic(words))
    assert answer.status == status
    assert answer.json["authenticated"] is (status == 200)
    assert bool(answer.value("www-authenticate")) is (status == 401)


@pytest.mark.parametrize("value", ["Basic", "Basic é", "Basic ???", "Basic //79", "Bearer x", ""])
async def test_malformed_credentials_are_challenged(value: str) -> None:
    assert (await ask("GET", "/basic-auth/jane/secret", {"authorization": value})).status == 401


async def test_the_hidden_resource_does_not_give_itself_away() -> None:
    answer = await ask("GET", "/hidden-basic-auth/jane/secret", basic("jane:wrong"))
    assert (answer.status, answer.value("www-authenticate")) == (404, None)
    assert (await ask("GET", "/hidden-basic-auth/jane/secret", basic("jane:secret"))).status == 200


@pytest.mark.parametrize(
    ("value", "status"),
    [("Bearer abc", 200), ("bearer abc", 200), ("Bearer", 401), ("Bearer a b", 401), ("", 401)],
)
async def test_bearer(value: str, status: int) -> None:
    assert (await ask("GET", "/bearer", {"authorization": value})).status == status


PATH = "/digest-auth/auth/jane/secret"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


async def answer_to_challenge(algorithm: str, **changed: str) -> dict[str, str]:
    """An Authorization value, computed apart from the service's own code, with some parameters changed."""
    path = f"{PATH}/{algorithm.lower()}"
    challenge = (await ask("GET", path)).value("www-authenticate") or ""
    asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    assert asked["algorithm"] == algorithm
    given = {
        "username": "jane",
        "realm": asked["realm"],
        "nonce": asked["nonce"],
        "uri": path,
        "nc": "00000001",
    }
    given |= {"cnonce": "c", "qop": "auth", "algorithm": algorithm, **changed}

    def hashed(*words: str) -> str:
        return HASHES[algorithm](":".join(words).encode()).hexdigest()

    first = hashed(given["username"], given["realm"], "secret")
    middle = (given["nonce"], given["nc"], given["cnonce"], given["qop"])
    response = hashed(first, *middle, hashed("GET", given["uri"]))
    words = ", ".join(f'{name}="{value}"' for name, value in {"response": response, **given}.items())
    return {"authorization": f"Digest {words}"}


@pytest.mark.parametrize("algorithm", HASHES)
async def test_digest(algorithm: str) -> None:
    """RFC 7616 3.4."""
    answer = await ask("GET", f"{PATH}/{algorithm.lower()}", await answer_to_challenge(algorithm))
    assert (answer.status, answer.json["user"]) == (200, "jane")


@pytest.mark.parametrize(
    "changed",
    [
        {"uri": "/other"},
        {"realm": "elsewhere"},
        {"username": "john"},
        {"nonce": "1.0-abc"},
        {"nonce": "é"},
        {"qop": "x"},
    ],
    ids=str,
)
async def test_an_answer_to_another_challenge_is_refused(changed: dict[str, str]) -> None:
    """RFC 7616 3.4.6."""
    answer = await ask("GET", f"{PATH}/md5", await answer_to_challenge("MD5", **changed))
    assert answer.status == 401
    assert "stale" not in (answer.value("www-authenticate") or "")


async def test_an_old_nonce_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616 3.3. stale: right but for the nonce."""
    fields = await answer_to_challenge("MD5")
    later = time.time() + digest.LIFETIME + 1
    monkeypatch.setattr(time, "time", lambda: later)
    answer = await ask("GET", f"{PATH}/md5", fields)
    assert answer.status == 401
    assert "stale=true" in (answer.value("www-authenticate") or "")


async def test_only_what_is_offered() -> None:
    assert (await ask("GET", "/digest-auth/auth-int/jane/secret")).status == 400
    assert (await ask("GET", "/digest-auth/auth/jane/secret/sha-1")).status == 400
