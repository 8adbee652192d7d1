"""Renewed certificates are read while the service runs; ticket keys change by the clock."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from starlette.applications import Starlette

from certs.make import Leaf
from certs.store import Owner, load, save
from certs.whole import make
from services.kit import openssl
from services.kit.journal import Filter, Journal
from services.kit.settings import Settings
from services.kit.tests.tls_server import serving
from services.kit.tls_context import ServerContext, server_context
from services.kit.tls_renewal import SETTLES, One, Renewal

NAME = "https.wireyard.test"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    make(tmp_path, (Leaf("https", (NAME,), ()),))
    return tmp_path


@pytest.fixture
def context(store: Path) -> ServerContext:
    return server_context(store / "https/cert.pem", store / "https/key.pem")


class Counted(One):
    rotated = 0

    def rotate_ticket_keys(self) -> None:
        self.rotated += 1


@contextmanager
def running(kept: One, *, check: float = 60.0, tickets: float = 0.0) -> Iterator[tuple[Renewal, Journal]]:
    journal = Journal("https")
    settings = Settings(role="https", port=443, certs_check=check, ticket_keys=tickets)
    renewal = Renewal(kept, journal, settings)
    renewal.start()
    yield renewal, journal
    renewal.close()


def renew(store: Path) -> int:
    """A new pair in place of the old one; its serial number."""
    for file in (store / "https").glob("*.pem"):
        file.unlink()
    make(store, (Leaf("https", (NAME,), ()),))
    return x509.load_pem_x509_certificate((store / "https/cert.pem").read_bytes()).serial_number


def put(file: Path, data: bytes) -> None:
    """Another file in its place, as its owner may not write into it."""
    file.unlink(missing_ok=True)
    file.write_bytes(data)


def served(store: Path, server: ssl.SSLContext) -> int:
    """The serial number of the certificate that a verifying client is shown."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=store / "ca/ca.pem")
    client = trusting.wrap_bio(down, up, server_hostname=NAME)
    for end in (client, server.wrap_bio(up, down, server_side=True)) * 3:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return x509.load_der_x509_certificate(client.getpeercert(binary_form=True) or b"").serial_number


def events(journal: Journal) -> list[str]:
    return [record[4] for record in journal.select(Filter())]


async def test_a_renewed_certificate_is_served_after_the_next_look(
    store: Path, context: ServerContext
) -> None:
    with running(One(context)) as (renewal, journal):
        before = served(store, context)
        renewal.tick(0.0)
        assert events(journal) == []
        serial = renew(store)
        assert served(store, context) == before != serial
        renewal.tick(1.0)
        assert served(store, context) == serial
        assert events(journal) == ["certificates"]


async def test_a_hang_up_is_a_look(store: Path, context: ServerContext) -> None:
    with running(One(context), check=0.0) as (renewal, journal):
        serial = renew(store)
        renewal.tick(1.0)
        assert events(journal) == []  # the clock does not look here
        with journal.watch() as pulse:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.wait_for(pulse.wait(), 5)
        assert served(store, context) == serial


async def test_half_a_pair_changes_nothing_and_is_tried_again(store: Path, context: ServerContext) -> None:
    with running(One(context)) as (renewal, journal):
        before, key = served(store, context), (store / "https/key.pem").read_bytes()
        serial = renew(store)
        fresh = (store / "https/key.pem").read_bytes()
        put(store / "https/key.pem", key)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=renewal.routes())), base_url="http://control"
        )
        async with client:
            assert (await client.post("/tls/certificates")).status_code == 409
            assert served(store, context) == before
            put(store / "https/key.pem", fresh)
            assert (await client.post("/tls/certificates")).status_code == 204
        assert served(store, context) == serial
        assert events(journal) == ["error", "certificates"]


async def test_ticket_keys_change_when_their_time_is_up(context: ServerContext) -> None:
    kept = Counted(context)
    loop = asyncio.get_running_loop()
    with running(kept, tickets=3600.0) as (renewal, journal):
        began = loop.time()
        renewal.tick(began + 3000)
        assert kept.rotated == 0
        renewal.tick(began + 3601)
        renewal.tick(began + 3700)
        assert kept.rotated == 1
        renewal.tick(began + 7300)
        assert kept.rotated == 2
        assert events(journal) == ["ticketKeys"] * 2


class Changing(Counted):
    """Finds something new as often as it was told."""

    times = 1

    def renew(self) -> list[str]:
        self.times -= 1
        return ["cert.pem"] if self.times >= 0 else []


def test_what_was_renewed_is_soon_looked_at_again_and_then_as_seldom_as_before(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def looks() -> None:
        armed: list[float] = []
        loop, later = asyncio.get_running_loop(), asyncio.get_running_loop().call_later

        def call_later(delay: float, *call: object) -> asyncio.TimerHandle:
            armed.append(delay)
            return later(delay, lambda: None)

        monkeypatch.setattr(loop, "call_later", call_later)
        with running(Changing(context)) as (renewal, _):
            renewal.look()
            assert armed == [60.0, SETTLES]
            renewal.look()
            renewal._turn(loop)
        assert armed == [60.0, SETTLES, 60.0]

    asyncio.run(looks())


@pytest.mark.skipif(bool(openssl.unavailable()), reason="staples need OpenSSL's functions")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="the client is OpenSSL's own")
def test_a_staple_goes_with_its_certificate_and_the_next_one_comes(store: Path) -> None:
    """A renewed certificate with the old one's status would be refused (RFC 6960, 3.2)."""
    place = store / "https"
    context = server_context(place / "cert.pem", place / "key.pem")
    with serving(context, asyncio.Protocol) as served:
        assert "Cert Status: good" in asked_for_status(served.port)
        before = (place / "ocsp.der").read_bytes()
        pair = load(place)
        save(place, pair, Owner())
        context.read()
        assert "OCSP response: no response sent" in asked_for_status(served.port)
        put(place / "ocsp.der", before)
        context.read()
        assert "Cert Status: good" in asked_for_status(served.port)


def asked_for_status(port: int) -> str:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME, "-status"]
    return subprocess.run(command, input="", capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(bool(openssl.unavailable()), reason="staples need OpenSSL's functions")
def test_a_new_staple_is_a_change(store: Path) -> None:
    place = store / "https/zoo/must-staple"
    context = server_context(place / "cert.pem", place / "key.pem")
    assert not context.changed()
    staple = (place / "ocsp.der").read_bytes()
    assert ocsp.load_der_ocsp_response(staple).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    put(place / "ocsp.der", staple)
    os.utime(place / "ocsp.der", (1, 1))
    assert context.changed()
    context.read()
    assert not context.changed()
