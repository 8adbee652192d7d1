"""Every case is bad in the one way that its row names, and OpenSSL's verifier says so in its own words."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from certs import status, store
from certs.make import Leaf
from certs.publish import revoke
from certs.status import read_index
from certs.verdict import says
from certs.whole import make
from certs.zoo import BY_NAME, CASES, Case, Staple, Verdict

AUTHORITY = "https.wireyard.test"
HTTPS = Leaf("https", (AUTHORITY,), ())

STAPLED = {"must-staple-missing", "staple-stale", "staple-other"}
"""What Python's ssl cannot judge: it never asks for a staple."""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("zoo")
    make(where, (HTTPS,))
    return where


def server_of(zoo: Path, case: Case) -> ssl.SSLContext:
    place = zoo / "https/zoo" / case.name
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    return context


def client_of(zoo: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=zoo / "ca/ca.pem")
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    context.hostname_checks_common_name = False  # RFC 9525 6.3; Python's own default is more lenient
    return context


def shake(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (client.wrap_bio(down, up, server_hostname=name), server.wrap_bio(up, down, server_side=True))
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("case", [c for c in CASES if c.verdict is not Verdict.REFUSE], ids=lambda c: c.name)
def test_a_good_case_is_accepted(zoo: Path, case: Case) -> None:
    shake(client_of(zoo), server_of(zoo, case), case.server_name(AUTHORITY))


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.verdict is Verdict.REFUSE and c.name not in STAPLED], ids=lambda c: c.name
)
def test_a_bad_case_is_refused_for_its_own_reason(zoo: Path, case: Case) -> None:
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        shake(client_of(zoo), server_of(zoo, case), case.server_name(AUTHORITY))
    assert says(caught.value) == case.says


def test_the_revoked_case_is_refused_by_whoever_reads_the_list(zoo: Path) -> None:
    client = client_of(zoo)
    client.load_verify_locations(zoo / "ca/intermediate.crl.pem")
    client.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    shake(client, server_of(zoo, BY_NAME["p256"]), BY_NAME["p256"].server_name(AUTHORITY))
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate revoked"):
        shake(client, server_of(zoo, BY_NAME["revoked"]), BY_NAME["revoked"].server_name(AUTHORITY))


def test_list_and_responder_agree_on_every_certificate(zoo: Path) -> None:
    """RFC 6960 2.2 and RFC 5280 6.3 must not contradict each other."""
    index = read_index(zoo / "ca/index.json")
    crl = x509.load_der_x509_crl((zoo / "ca/intermediate.crl").read_bytes())
    issuer = store.load_chain(zoo / "authority/intermediate/cert.pem")[0]
    responder = store.load(zoo / "http1/ocsp-intermediate")
    for case in CASES:
        leaf = store.load_chain(zoo / "https/zoo" / case.name / "cert.pem")[0]
        answer = status.respond(status.ask(leaf, issuer), index, responder, status.Moment.now())
        listed = crl.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
        assert listed == case.revoked
        assert (answer.certificate_status is ocsp.OCSPCertStatus.REVOKED) == case.revoked


def test_an_unissued_serial_number_is_unknown(zoo: Path) -> None:
    leaf = store.load_chain(zoo / "https/cert.pem")[0]
    issuer = store.load_chain(zoo / "authority/intermediate/cert.pem")[0]
    responder = store.load(zoo / "http1/ocsp-intermediate")
    answer = status.respond(status.ask(leaf, issuer), {}, responder, status.Moment.now())
    assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("case", [c for c in CASES if c.staple is not Staple.NONE], ids=lambda c: c.name)
def test_a_staple_is_as_its_row_says(zoo: Path, case: Case) -> None:
    place = zoo / "https/zoo" / case.name
    staple = ocsp.load_der_ocsp_response((place / "ocsp.der").read_bytes())
    leaf = store.load_chain(place / "cert.pem")[0]
    assert (staple.serial_number == leaf.serial_number) == (case.staple is not Staple.OTHER)
    ends = staple.next_update_utc
    assert ends is not None
    assert (ends < leaf.not_valid_before_utc) == (case.staple is Staple.STALE)


def test_a_certificate_revoked_later_is_in_the_list_and_stays_there(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    revoke(tmp_path, "https")
    make(tmp_path, (HTTPS,))
    leaf = store.load_chain(tmp_path / "https/cert.pem")[0]
    first = read_index(tmp_path / "ca/index.json")[leaf.serial_number].revoked
    staple = ocsp.load_der_ocsp_response((tmp_path / "https/ocsp.der").read_bytes())
    assert staple.certificate_status is ocsp.OCSPCertStatus.REVOKED
    make(tmp_path, (HTTPS,))
    assert first is not None
    assert read_index(tmp_path / "ca/index.json")[leaf.serial_number].revoked == first
    crl = x509.load_der_x509_crl((tmp_path / "ca/intermediate.crl").read_bytes())
    assert crl.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None


def test_names_are_unique_and_every_row_has_a_clause() -> None:
    assert len(BY_NAME) == len(CASES)
    assert all(case.clause.startswith("RFC ") for case in CASES)
    assert len({case.server_name(AUTHORITY) for case in CASES}) == len(CASES)
