"""The contexts behind the names, and what may be done to them while the service runs."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from certs.make import Leaf
from certs.whole import make
from services.http.reference.secure.control import TlsControl
from services.http.reference.secure.names import Names
from services.kit import openssl
from services.kit.journal import Journal
from services.kit.tls_hello import ClientHello, parse

NAME = "https.wireyard.test"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    make(where, (Leaf("https", (NAME, f"*.{NAME}"), ("127.0.0.1",)),))
    return where


@pytest.fixture
def names(store: Path) -> Names:
    return Names(store / "https", store / "ca/ca.pem", NAME, ("http/1.1",))


@pytest.fixture
def control(names: Names) -> httpx.AsyncClient:
    app = Starlette(routes=TlsControl(lambda: names, Journal("https")).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://control")


def hello(name: str | None) -> ClientHello:
    context = ssl.create_default_context()
    context.check_hostname = name is not None
    outgoing = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    return parse(outgoing.read()[5:])


def shake(
    store: Path, server: ssl.SSLContext, name: str, session: ssl.SSLSession | None = None
) -> ssl.SSLObject:
    """The client's end of one connection in memory, in TLS 1.2: its ticket comes with the handshake."""
    context = ssl.create_default_context(cafile=store / "ca/ca.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context = _contexts.setdefault(store, context)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(down, up, server_hostname=name, session=session)
    for end in (client, server.wrap_bio(up, down, server_side=True)) * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client


_contexts: dict[Path, ssl.SSLContext] = {}


@pytest.mark.parametrize(
    ("asked", "served"), [(NAME, "https"), (f"p384.{NAME}", "https/zoo/p384"), (f"tls12.{NAME}", "https")]
)
def test_each_name_has_its_certificate(names: Names, store: Path, asked: str, served: str) -> None:
    context = names.choose(hello(asked))
    assert context
    assert context.files[0] == store / served / "cert.pem"


def test_no_name_and_a_foreign_name_choose_nothing(names: Names) -> None:
    """RFC 6066, 3: without a name the listener's own context serves; a foreign name is refused there."""
    assert names.choose(hello(None)) is None
    assert names.choose(hello("foreign.test")) is None
    assert names.knows("10.77.0.12")
    assert not names.knows("foreign.test")


@pytest.mark.parametrize(("asked", "cut"), [("cut", True), ("CUT", True), ("recut", False), (None, False)])
def test_only_a_name_that_misbehaves_does(names: Names, asked: str | None, cut: bool) -> None:
    class Lower(asyncio.Transport):
        aborted = False

        def abort(self) -> None:
            self.aborted = True

    lower = Lower()
    assert names.intercept(hello(asked and f"{asked}.{NAME}"), lower) is cut
    assert lower.aborted is cut


async def test_a_name_is_served_from_the_moment_it_is_added(
    names: Names, control: httpx.AsyncClient, store: Path
) -> None:
    place = store / "https/zoo/p384"
    pem = (place / "key.pem").read_bytes() + (place / "cert.pem").read_bytes()
    assert (await control.put(f"/tls/names/p384.{NAME}", content=pem)).status_code == 201
    assert (await control.put("/tls/names/new.test", content=pem)).status_code == 201
    added = names.choose(hello("new.test"))
    assert added is not None
    assert added.presented == (place / "cert.pem").read_bytes()  # what /tls shows of it
    assert (await control.delete("/tls/names/new.test")).status_code == 204
    assert (await control.delete("/tls/names/new.test")).status_code == 404
    assert names.choose(hello("new.test")) is None


async def test_what_is_no_pair_is_refused(control: httpx.AsyncClient) -> None:
    assert (await control.put("/tls/names/new.test", content=b"junk")).status_code == 400


@pytest.mark.skipif(bool(openssl.unavailable()), reason=openssl.unavailable() or "-")
async def test_tickets_from_before_a_rotation_are_not_accepted(
    names: Names, control: httpx.AsyncClient, store: Path
) -> None:
    """RFC 5077, 5.5."""
    session = shake(store, names.default, NAME).session
    assert shake(store, names.default, NAME, session).session_reused
    assert (await control.post("/tls/ticket-keys")).status_code == 204
    assert not shake(store, names.default, NAME, session).session_reused


@pytest.mark.parametrize("case", ["rsa1024", "sha1"])
def test_what_openssl_would_not_present_is_presented_on_purpose(store: Path, names: Names, case: str) -> None:
    context = names.select(f"{case}.{NAME}")
    assert context is not None
    assert context.files[0] == store / "https/zoo" / case / "cert.pem"
