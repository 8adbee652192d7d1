"""What is asked of OpenSSL directly, held against the other end of the same connection."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from services.kit import openssl
from services.kit.tests.tls_server import NAME, client_context, issue
from services.kit.tls_context import ServerContext, server_context

pytestmark = pytest.mark.skipif(bool(openssl.unavailable()), reason=openssl.unavailable() or "-")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    issue(where)
    return where


@pytest.fixture
def context(store: Path) -> ServerContext:
    return server_context(store / "https/cert.pem", store / "https/key.pem")


def connect(
    store: Path, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both ends of one connection in memory, the client's first."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(store).wrap_bio(down, up, server_hostname=NAME, session=session)
    server = context.wrap_bio(up, down, server_side=True)
    for end in (client, server) * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client, server


def test_both_ends_tell_the_same_of_one_connection(store: Path, context: ServerContext) -> None:
    """RFC 8446, 4.4.4 and 7.5."""
    client, server = connect(store, context)
    assert openssl.group(server) == openssl.group(client)
    assert openssl.finished(server) == openssl.finished(client)[::-1]
    label = "EXPORTER-Channel-Binding"
    assert openssl.export(server, label, 32) == openssl.export(client, label, 32)
    assert openssl.export(server, "EXPORTER-other", 32) != openssl.export(client, label, 32)
    assert 0x0403 in openssl.shared_signatures(server)


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])
def test_a_suite_of_tls_1_3_is_chosen(store: Path, context: ServerContext, suite: str) -> None:
    openssl.set_suites(context, suite)
    client, _ = connect(store, context)
    assert (client.cipher() or ("",))[0] == suite


@pytest.mark.parametrize(
    ("asked", "named"), [("P-256", "secp256r1"), ("P-384", "secp384r1"), ("X448", "x448")]
)
def test_a_group_is_chosen(store: Path, context: ServerContext, asked: str, named: str) -> None:
    openssl.set_groups(context, asked)
    client, _ = connect(store, context)
    assert (openssl.group(client) or "").lower() == named


@pytest.mark.parametrize("choose", [openssl.set_suites, openssl.set_groups])
def test_a_name_that_openssl_does_not_know_is_refused(choose: object, context: ServerContext) -> None:
    assert callable(choose)
    with pytest.raises(ValueError, match="no-such-thing"):
        choose(context, "no-such-thing")
