"""The zoo and the protocol cases by name, seen by a strict client."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest
from cryptography import x509

from certs.verdict import says
from certs.zoo import BY_NAME, CASES, IDENTITIES, Case, Identity, Verdict
from clients.http2 import Origin, Session
from clients.tls import Target, look_at
from clients.tls.sent import sent_by
from lab.topology import Endpoint
from tests.http.tls.conftest import Site, read_all
from tests.http.tls.raw import Raw
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

UNSEEN = frozenset({"must-staple-missing", "staple-stale", "staple-other", "revoked"})
"""What a client on Python's `ssl` does not look at: staples, and revocation unless it is given the list."""
SEEN = [case for case in CASES if case.name not in UNSEEN]
GOOD = [case for case in SEEN if case.verdict is Verdict.ACCEPT]
BAD = [case for case in SEEN if case.verdict is Verdict.REFUSE]

TLS_1_3 = {
    "tls13-aes128": "TLS_AES_128_GCM_SHA256",
    "tls13-aes256": "TLS_AES_256_GCM_SHA384",
    "tls13-chacha20": "TLS_CHACHA20_POLY1305_SHA256",
}


def by_name(row: Case | Identity) -> str:
    return row.name


def names_in(case: Case, site: Site) -> set[str]:
    """The names that the case's certificate should hold, IDNs as A-labels."""
    names = case.template(site.name()).names
    return {name if name.isascii() else name.encode("idna").decode() for name in names}


def names_of(leaf: x509.Certificate) -> set[str]:
    """The names that a certificate holds."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return set(found.get_values_for_type(x509.DNSName))


def get(site: Site, path: str, case: str = "", context: ssl.SSLContext | None = None) -> Any:
    """The JSON at `path`, over the role's own protocol."""
    context = context or site.context()
    if site.role == "h2":
        return asyncio.run(_get_by_http2(site, path, case, context))
    with site.secure(case, context) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {site.name(case)}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = read_all(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return json.loads(body)


async def _get_by_http2(site: Site, path: str, case: str, context: ssl.SSLContext) -> Any:
    where = site.where
    async with Session(Origin(where.address, where.port, site.name(case), context)) as session:
        reply = await session.get(path)
    assert reply.status == 200, reply
    return json.loads(reply.body)


def use(site: Site, case: str, context: ssl.SSLContext) -> None:
    """Speak until the server ends it: TLS 1.3 refuses a client's certificate after the client is done."""
    with site.secure(case, context) as sock:
        sock.sendall(site.greeting)
        while sock.recv(65536):
            continue


class TestCertificates:
    """RFC 5280 6, RFC 9525 6."""

    @feature("tls-zoo")
    @rfc("5280", "6.1")
    @pytest.mark.parametrize("case", GOOD, ids=by_name)
    def test_a_good_certificate_is_accepted(self, site: Site, case: Case) -> None:
        """And it is the case's own, not a wildcard that happens to fit."""
        with site.secure(name=case.server_name(site.name())) as sock:
            leaf = x509.load_der_x509_certificate(sock.getpeercert(binary_form=True) or b"")
        assert names_of(leaf) == names_in(case, site)

    @feature("tls-zoo")
    @rfc("5280", "6.1")
    @pytest.mark.parametrize("case", BAD, ids=by_name)
    def test_a_bad_certificate_is_refused_for_its_own_reason(self, site: Site, case: Case) -> None:
        context = site.context()
        context.set_ciphers("DEFAULT:@SECLEVEL=2")
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            site.secure(context=context, name=case.server_name(site.name()))
        assert says(caught.value) == case.says
        sent = sent_by(site.where.address, site.where.port, case.server_name(site.name()), 5.0).chain
        assert not sent or names_of(sent[0]) == names_in(case, site)  # TLS 1.2 cannot even show `key-usage`

    @feature("tls-zoo")
    @rfc("6066", "8")
    @pytest.mark.parametrize("case", [case for case in CASES if case.name in UNSEEN], ids=by_name)
    def test_one_whose_status_is_wrong_is_refused_by_whoever_asks_for_it(
        self, site: Site, case: Case
    ) -> None:
        """What is stapled, and what the issuer's list says, beyond what Python's `ssl` looks at."""
        target = Target(site.where.address, site.where.port, case.server_name(site.name()))
        look = look_at(target, site.ca)
        assert look.verdict.startswith(f"refused: {case.says}")
        assert look.blamed == look.sent[0]

    @feature("tls-stapling")
    @rfc("6066", "8")
    def test_a_good_staple_is_shown_and_the_certificate_accepted(self, site: Site) -> None:
        name = BY_NAME["must-staple"].server_name(site.name())
        look = look_at(Target(site.where.address, site.where.port, name), site.ca)
        assert (look.verdict, look.staple.split(" ")[0]) == ("accepted", "good")

    @feature("tls-zoo")
    @rfc("5280", "6.3")
    def test_the_revoked_one_is_refused_by_whoever_reads_the_list(self, site: Site) -> None:
        context = site.context()
        context.load_verify_locations(site.ca.with_name("intermediate.crl.pem"))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        with site.secure(context=context):
            pass
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate revoked"):
            site.secure("revoked", context)


class TestResolution:
    """A name that shows something must lead to where it is shown."""

    @feature("tls-names")
    @rfc("4592", "4.4")
    def test_the_yards_resolver_knows_every_name(self, site: Site, endpoint: Callable[..., Endpoint]) -> None:
        where = endpoint("dns")
        for name in [row["server"] for rows in get(site, "/tls/names").values() for row in rows]:
            query = dns.message.make_query(name, "A")
            answer = dns.query.udp(query, where.address, port=where.port, timeout=5)
            addresses = {item.to_text() for rrset in answer.answer for item in rrset if item.rdtype == 1}
            assert addresses == {site.where.address}, name


class TestProtocol:
    """One name for each version, suite and group."""

    @feature("tls-cases")
    @rfc("8446", "4.2.1")
    def test_an_old_version_alone(self, site: Site) -> None:
        with site.secure("tls12") as sock:
            assert sock.version() == "TLSv1.2"

    @feature("tls-cases", "tls-alerts")
    @rfc("8446", "4.2.1")
    def test_an_old_client_of_the_new_name_is_told_protocol_version(self, site: Site) -> None:
        context = site.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
            site.secure("tls13", context)

    @feature("tls-cases")
    @rfc("8446", "B.4")
    @pytest.mark.parametrize(
        ("case", "suite"),
        [
            ("tls12-aes128", "ECDHE-ECDSA-AES128-GCM-SHA256"),
            ("tls12-aes256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
            ("tls12-chacha20", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ],
    )
    def test_a_suite(self, site: Site, case: str, suite: str) -> None:
        with site.secure(case) as sock:
            assert (sock.cipher() or ("",))[0] == suite

    @feature("tls-cases")
    @rfc("8446", "B.4")
    def test_the_suites_of_tls_1_3(self, site: Site) -> None:
        """All three: whoever prefers one of them shows that one by every name."""
        for case, suite in TLS_1_3.items():
            with site.secure(case) as sock:
                assert (sock.cipher() or ("",))[0] == suite

    @feature("tls-cases", "tls-told")
    @rfc("8446", "4.2.7")
    @pytest.mark.parametrize(
        ("case", "group"),
        [
            ("x25519", "x25519"),
            ("p256", "secp256r1"),
            ("p384", "secp384r1"),
            ("p521", "secp521r1"),
            ("x448", "x448"),
        ],
    )
    def test_a_group(self, site: Site, case: str, group: str) -> None:
        assert get(site, "/tls", f"group-{case}")["ephemeralKeyInfo"]["name"] == group

    @feature("tls-cases", "tls-alerts")
    @rfc("7301", "3.2")
    def test_a_protocol_that_nobody_offers(self, site: Site) -> None:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert no application protocol"):
            site.secure("alpn-mismatch")

    @feature("tls-cases")
    @rfc("8446", "4.1.3")
    def test_a_hello_that_is_never_answered(self, site: Site) -> None:
        """While another handshake comes through, the one that stalls has heard nothing."""
        stalled = Raw(site, "stall")
        with pytest.raises(ssl.SSLWantReadError):
            stalled.tls.do_handshake()
        stalled.flush()
        with site.secure():
            stalled.sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                stalled.sock.recv(1)

    @feature("tls-cases")
    @rfc("8446", "6")
    @pytest.mark.parametrize(
        ("case", "seen"),
        [("cut", ConnectionResetError), ("garbage", ssl.SSLError), ("alert", ssl.SSLError)],
    )
    def test_a_handshake_that_goes_wrong(self, site: Site, case: str, seen: type[Exception]) -> None:
        with pytest.raises((seen, ssl.SSLError)):  # before 3.11.4 EOF has no class of its own
            site.secure(case)


@pytest.fixture
def identities(ca: Path) -> Path:
    """Where the client's certificates lie: its own volume, or beside the authority's folder."""
    mounted = Path("/certs/good")
    return mounted.parent if mounted.exists() else ca.parent.parent / "client"


class TestClientCertificates:
    """RFC 8446 4.3.2, 4.4.2."""

    def identified(self, site: Site, identities: Path, name: str) -> ssl.SSLContext:
        context = site.context()
        context.load_cert_chain(identities / name / "cert.pem", identities / name / "key.pem")
        return context

    @feature("tls-client-certificates", "tls-told")
    @rfc("8446", "4.4.2")
    @pytest.mark.parametrize("case", ["client-required", "client-optional"])
    def test_a_good_identity_is_told(self, site: Site, identities: Path, case: str) -> None:
        told = get(site, "/tls", case, self.identified(site, identities, "good"))
        assert told["authorized"] is True
        assert "good.client.wireyard.test" in told["peerCertificate"]["subject"]

    @feature("tls-client-certificates", "journal-tls")
    @rfc("8446", "4.4.2")
    async def test_the_journal_tells_who_came(
        self, site: Site, identities: Path, journal: Callable[[str], Journal]
    ) -> None:
        """Subject, whether it is authorised, and what was agreed."""
        with site.secure("client-required", self.identified(site, identities, "good")) as sock:
            local, cipher = sock.getsockname(), sock.cipher()
            events = await journal(site.role).of(local, until="secureConnection")
        told = next(event.data for event in events if event.event == "secureConnection")
        assert "good.client.wireyard.test" in str(told["subject"])
        assert (told["authorized"], told["authorizationError"]) == (True, None)
        assert (told["protocol"], told["cipher"]) == ("TLSv1.3", (cipher or ("",))[0])
        assert (told["servername"], told["resumed"]) == (site.name("client-required"), False)
        assert told["group"] in {None, "x25519", "X25519MLKEM768"}

    @feature("tls-client-certificates", "tls-told")
    @rfc("8446", "4.3.2")
    def test_none_is_fine_where_it_is_optional(self, site: Site) -> None:
        told = get(site, "/tls", "client-optional")
        assert (told["authorized"], told["authorizationError"]) == (False, "the client gave no certificate")

    @feature("tls-client-certificates", "tls-alerts")
    @rfc("8446", "4.4.2.4")
    def test_none_is_answered_certificate_required(self, site: Site) -> None:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert certificate required"):
            use(site, "client-required", site.context())

    @feature("tls-client-certificates", "tls-alerts")
    @rfc("8446", "6.2")
    @pytest.mark.parametrize("case", ["client-required", "client-optional"])
    @pytest.mark.parametrize("identity", [one for one in IDENTITIES if one.name != "good"], ids=by_name)
    def test_a_bad_identity_is_answered_by_its_own_alert(
        self, site: Site, identities: Path, identity: Identity, case: str
    ) -> None:
        context = self.identified(site, identities, identity.name)
        with pytest.raises(ssl.SSLError, match=rf"(?i)alert {identity.says.replace('_', ' ')}"):
            use(site, case, context)
