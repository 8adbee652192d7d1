"""A yard that outlives its certificates: they are renewed while it runs, and no connection notices.

On containers it needs an engine, the yard's images (`make images`), and WIREYARD_CONTAINERS to be set.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from cryptography import x509

from lab.patience import SECOND
from lab.tests.site import Site, site_on

pytestmark = pytest.mark.timeout(300 * SECOND)
AUTHORITY = "https.wireyard.test"
# Seconds that a leaf lives: it must be young when the yard is up, and a third of them must do to renew it.
LIFE = {"embedded": round(20 * SECOND), "compose": round(40 * SECOND)}


@pytest.fixture(params=["embedded", "compose"])
def yard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole yard, up, with certificates that soon end."""
    made = site_on(request.param, tmp_path_factory.mktemp("project"), 45)
    up = made.lab("up", WIREYARD_CERTS_LIFE=str(LIFE[request.param]), WIREYARD_CERTS_CHECK="1")
    try:
        assert up.returncode == 0, up.stderr
        yield made
    finally:
        made.lab("down")


@contextmanager
def connected(yard: Site) -> Iterator[ssl.SSLSocket]:
    """A verified connection to https, which the server keeps."""
    context = ssl.create_default_context(
        cafile=yard.folder / yard.environ["WIREYARD_STATE"] / "certs" / "ca" / "ca.pem"
    )
    where = ("127.0.0.1", yard.port("WIREYARD_HTTPS_PORT"))
    with (
        socket.create_connection(where, 5 * SECOND) as plain,
        context.wrap_socket(plain, server_hostname=AUTHORITY) as connection,
    ):
        yield connection


def shown(connection: ssl.SSLSocket) -> x509.Certificate:
    return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")


def asked(connection: ssl.SSLSocket) -> bytes:
    """The status line of one exchange on a connection that stays."""
    connection.sendall(b"HEAD / HTTP/1.1\r\nHost: %b\r\n\r\n" % AUTHORITY.encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4096)
    return answer.partition(b"\r\n")[0]


def renewals(yard: Site, *, since: int = 0, wait: int = 0) -> list[int]:
    """When https has read new certificates, as its journal numbers its events."""
    journal = f"http://127.0.0.1:{yard.port('WIREYARD_HTTPS_CONTROL_PORT')}/events"
    wanted: dict[str, str | int] = {"event": "certificates", "since": since, "wait": wait}
    told = httpx.get(journal, params=wanted, timeout=wait + 5 * SECOND)
    return [int(json.loads(line)["seq"]) for line in told.raise_for_status().text.splitlines()]


def status(yard: Site) -> dict[str, Any]:
    services: dict[str, Any] = json.loads(yard.lab("status", JSON="1").stdout)["services"]
    return services


def test_a_running_service_shows_a_new_certificate_and_drops_no_connection(yard: Site) -> None:
    before = renewals(yard)
    with connected(yard) as kept:
        assert asked(kept) == b"HTTP/1.1 200 OK"
        assert renewals(yard, since=max(before, default=0), wait=30), "nothing was renewed"
        with connected(yard) as fresh:
            assert shown(fresh).serial_number != shown(kept).serial_number
            assert shown(fresh).not_valid_after_utc > shown(kept).not_valid_after_utc
        assert asked(kept) == b"HTTP/1.1 200 OK"
    now = status(yard)
    assert (now["renewal"]["state"], now["renewal"]["host"]) == ("running", [])
    assert [name for name, told in now.items() if told["restarts"]] == []
