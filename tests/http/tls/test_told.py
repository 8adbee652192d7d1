"""`GET /tls`: what the server tells of a connection is what its client sees of it."""

from __future__ import annotations

import ssl

import pytest

from tests.http.tls.conftest import SPEAKS, Site
from tests.http.tls.test_zoo import get

rfc, feature = pytest.mark.rfc, pytest.mark.feature


class TestTold:
    """Both ends of one connection."""

    @feature("tls-told")
    def test_what_was_agreed(self, site: Site) -> None:
        told = get(site, "/tls")
        assert told["encrypted"] is True
        assert told["protocol"] == "TLSv1.3"
        assert told["alpnProtocol"] == SPEAKS[site.role]
        assert told["servername"] == site.name()
        assert told["cipher"]["name"].startswith("TLS_")
        assert told["sessionReused"] is False

    @feature("tls-told")
    def test_names_of_both_styles(self, site: Site) -> None:
        cipher = get(site, "/tls", "tls12-aes128")["cipher"]
        assert cipher["name"] == "ECDHE-ECDSA-AES128-GCM-SHA256"
        assert cipher["standardName"] == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"

    @feature("tls-told")
    @rfc("8446", "4.4.2")
    def test_the_chain_is_the_one_that_was_sent(self, site: Site) -> None:
        with site.secure() as sock:
            seen = ssl.DER_cert_to_PEM_cert(sock.getpeercert(binary_form=True) or b"")
        told = get(site, "/tls")
        assert told["certificate"]["pem"] == seen
        assert told["certificate"]["issuer"] == told["chain"][0]["subject"]

    @feature("tls-told")
    @rfc("8446", "4.1.2")
    def test_the_offer_is_the_clients_own(self, site: Site) -> None:
        context = site.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        offer = get(site, "/tls", context=context)["clientHello"]
        assert offer["versions"] == ["TLSv1.3"]
        assert offer["alpn"] == [SPEAKS[site.role]]
        assert set(offer["keyShares"]) <= set(offer["groups"])

    @feature("tls-told")
    @rfc("8446", "7.5")
    def test_another_label_gives_other_keying_material(self, site: Site) -> None:
        """Each connection has its own as well."""
        first, second = (get(site, f"/tls?exporter=EXPORTER-{n}&length=16")["keyingMaterial"] for n in "ab")
        assert len(bytes.fromhex(first["value"])) == 16
        assert first["value"] != second["value"]

    @feature("tls-names")
    def test_every_name_that_shows_something_is_listed(self, site: Site) -> None:
        names = get(site, "/tls/names")
        listed = [row["server"] for rows in names.values() for row in rows]
        assert len(listed) == len(set(listed)) > 50
        assert all(name.endswith(site.name()) for name in listed)
