"""The status of a certificate: what was stapled to it, and what its issuer's list says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs.make import Leaf
from certs.whole import make
from clients.tls.sent import Sent
from clients.tls.status import Lists, Status, judge, lists

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    make(where, (Leaf("https", ("https.wireyard.test",), ()),))
    return where


@pytest.fixture(scope="module")
def known(store: Path) -> Lists:
    return lists(store / "ca")


def sent(store: Path, case: str, staple: str | None = None) -> Sent:
    """The chain of `case`, with its own staple or that of another case."""
    place = store / "https/zoo"
    chain = x509.load_pem_x509_certificates((place / case / "cert.pem").read_bytes())
    response = place / (staple or case) / "ocsp.der"
    return Sent(tuple(chain), response.read_bytes() if response.exists() else None)


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("p256", ""),
        ("must-staple", ""),
        ("must-staple-missing", "the stapled status is missing"),
        ("staple-stale", "the stapled status is out of date"),
        ("staple-other", "the stapled status does not cover the certificate"),
    ],
)
def test_a_staple_is_checked_and_a_demanded_one_missed(
    store: Path, known: Lists, case: str, fault: str
) -> None:
    assert judge(sent(store, case), known, NOW).fault == fault


def test_what_was_stapled_is_told_in_words(store: Path, known: Lists) -> None:
    assert judge(sent(store, "p256"), known, NOW) == Status()
    assert judge(sent(store, "must-staple"), known, NOW).staple.startswith("good until 20")


def test_a_staple_outlives_its_time_and_has_not_begun_before_it(store: Path, known: Lists) -> None:
    for moment in (NOW + timedelta(days=365), NOW - timedelta(days=2)):
        assert "out of date" in judge(sent(store, "must-staple"), (), moment).fault


def test_a_revoked_certificate_is_told_from_the_list(store: Path, known: Lists) -> None:
    assert judge(sent(store, "revoked"), known, NOW).fault.startswith("revoked on ")
    assert not judge(sent(store, "revoked"), (), NOW).fault
    assert not judge(sent(store, "revoked"), known, NOW + timedelta(days=365)).fault, (
        "an old list says nothing"
    )


def test_a_staple_that_nobody_trusted_has_signed_is_refused(store: Path, known: Lists) -> None:
    good = sent(store, "must-staple")
    forged = bytearray(good.staple or b"")
    response = ocsp.load_der_ocsp_response(bytes(forged))
    at = forged.index(response.signature)
    forged[at + 10] ^= 1
    assert "not signed" in judge(Sent(good.chain, bytes(forged)), known, NOW).fault
    assert "not signed" in judge(Sent(good.chain[:1], good.staple), known, NOW).fault, "no issuer was sent"


@pytest.mark.parametrize(
    ("staple", "fault"),
    [
        (b"junk", "the stapled status cannot be read"),
        (
            ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
                Encoding.DER
            ),
            "the stapled status is an error",
        ),
    ],
)
def test_a_staple_that_says_nothing_is_refused(store: Path, known: Lists, staple: bytes, fault: str) -> None:
    assert judge(Sent(sent(store, "p256").chain, staple), known, NOW).fault == fault
