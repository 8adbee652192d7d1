"""The handshake: versions, suites, protocols, names (RFC 8446 4, RFC 9325)."""

from __future__ import annotations

import hashlib
import ssl
import warnings

import pytest

from tests.http.tls.conftest import SPEAKS, Site
from tests.http.tls.raw import Raw

rfc, feature = pytest.mark.rfc, pytest.mark.feature

RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446, 4.1.3)."""


class TestCertificate:
    """RFC 9525 6: whom the client expects, it finds."""

    @feature("tls-verified")
    @rfc("9525", "6.3")
    def test_a_strict_client_accepts_the_services_name(self, site: Site) -> None:
        """VERIFY_X509_STRICT enforces the profile of RFC 5280 on the whole chain."""
        with site.secure() as sock:
            assert sock.getpeercert()

    @feature("tls-verified")
    @rfc("9525", "6.5")
    def test_a_client_that_connects_to_the_address_expects_the_address(self, site: Site) -> None:
        with site.secure(name=site.where.address) as sock:
            assert sock.getpeercert()

    @feature("tls-verified")
    @rfc("9525", "6.1")
    def test_a_client_that_expects_another_service_does_not_go_on(self, site: Site) -> None:
        with pytest.raises(ssl.SSLError):
            site.secure(name="vault.wireyard.test")


class TestVersions:
    """RFC 9325 3.1.1."""

    @feature("tls-versions")
    @rfc("8446", "4.2.1")
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_tls_1_2_and_1_3_are_spoken(self, site: Site, version: ssl.TLSVersion) -> None:
        context = site.context()
        context.minimum_version = context.maximum_version = version
        with site.secure(context=context) as sock:
            assert sock.version() == version.name.replace("_", ".")

    @feature("tls-old-versions")
    @rfc("9325", "3.1.1")
    def test_tls_1_1_is_refused_with_protocol_version(self, site: Site) -> None:
        """RFC 8996: TLS 1.1 MUST NOT be used."""
        context = site.context()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
            site.secure(context=context)


class TestSuites:
    """RFC 9325 4.2: forward secrecy and AEAD."""

    @feature("tls-suites")
    @rfc("9325", "4.2")
    @pytest.mark.parametrize(
        "suite",
        [
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            pytest.param("ECDHE-ECDSA-CHACHA20-POLY1305", marks=feature("tls-chacha20")),
        ],
    )
    def test_a_recommended_suite_of_tls_1_2_is_spoken(self, site: Site, suite: str) -> None:
        context = site.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
        with site.secure(context=context) as sock:
            assert (sock.cipher() or ("",))[0] == suite

    @feature("tls-suites", "tls-alerts")
    @rfc("9325", "4.1")
    @pytest.mark.parametrize(
        "suite",
        [
            pytest.param("ECDHE-ECDSA-AES128-SHA", marks=feature("tls-aead")),
            "AES128-GCM-SHA256",
            "AES256-SHA",
        ],
    )
    def test_a_suite_without_aead_or_forward_secrecy_is_refused(self, site: Site, suite: str) -> None:
        """handshake_failure (RFC 8446, 6.2)."""
        context = site.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL=0")
        with pytest.raises(ssl.SSLError, match=r"(?i)alert handshake failure"):
            site.secure(context=context)


class TestAlpn:
    """RFC 7301."""

    @feature("tls-alpn")
    @rfc("7301", "3.1")
    def test_the_roles_protocol_is_agreed(self, site: Site) -> None:
        with site.secure(context=site.context("spdy/3", SPEAKS[site.role])) as sock:
            assert sock.selected_alpn_protocol() == SPEAKS[site.role]

    @feature("tls-alpn", "tls-alerts")
    @rfc("7301", "3.2")
    def test_a_client_that_offers_none_of_ours_is_told_so(self, site: Site) -> None:
        """The alert, and at once: not a hang, not a connection without a protocol."""
        with pytest.raises(ssl.SSLError, match=r"(?i)alert no application protocol"):
            site.secure(context=site.context("spdy/3"))


class TestNames:
    """RFC 6066 3."""

    @feature("tls-unknown-name")
    @rfc("6066", "3")
    def test_a_name_that_is_not_served_is_refused(self, site: Site) -> None:
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized name"):
            site.secure(name="nobody.example")


class TestMessages:
    """RFC 8446 4.1."""

    @feature("tls-segments")
    @rfc("8446", "5.1")
    def test_a_hello_in_single_bytes_is_understood(self, site: Site) -> None:
        raw = Raw(site)
        with raw.sock:
            raw.shake(piece=1)
            assert raw.tls.version() == "TLSv1.3"

    @feature("tls-hello-retry", "tls-cases")
    @rfc("8446", "4.1.4")
    def test_a_client_that_guessed_another_group_is_asked_again(self, site: Site) -> None:
        """The first ServerHello is a HelloRetryRequest, and the second handshake succeeds."""
        raw = Raw(site, "hello-retry")
        with raw.sock:
            raw.shake()
            assert RETRY in raw.received[:80]
            assert raw.tls.version() == "TLSv1.3"
