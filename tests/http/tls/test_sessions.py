"""Sessions: resumption, tickets, early data, key updates, renegotiation (RFC 8446 2.2, 4.6)."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading

import pytest

from tests.http.tls.conftest import SPEAKS, WITHIN, Site

rfc, feature = pytest.mark.rfc, pytest.mark.feature

EARLY_DATA = 42
OPENSSL = shutil.which("openssl")


def session_of(site: Site, context: ssl.SSLContext, case: str = "") -> ssl.SSLSession | None:
    """The session of a connection that has been used: TLS 1.3 sends its tickets after the handshake."""
    with site.secure(case, context) as sock:
        sock.sendall(site.greeting)
        assert sock.recv(65536)
        return sock.session


class TestResumption:
    """RFC 8446 2.2, RFC 5077."""

    @feature("tls-resumption")
    @rfc("8446", "2.2")
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_session_is_resumed(self, site: Site, version: ssl.TLSVersion) -> None:
        context = site.context()
        context.minimum_version = context.maximum_version = version
        session = session_of(site, context)
        with site.secure(context=context, session=session) as sock:
            assert sock.session_reused

    @feature("tls-cases")
    @rfc("8446", "4.6.1")
    def test_without_tickets_there_is_nothing_to_resume(self, site: Site) -> None:
        context = site.context()
        session = session_of(site, context, "no-tickets")
        assert session is None or not session.has_ticket

    @feature("tls-resumption", "tls-client-certificates")
    @rfc("8446", "4.6.1")
    def test_a_session_without_a_client_certificate_opens_no_door_that_needs_one(self, site: Site) -> None:
        """A ticket of the open name must not stand in for the certificate that another name demands."""
        context = site.context()
        session = session_of(site, context)
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate required|session"):
            _use(site, context, session)


def _use(site: Site, context: ssl.SSLContext, session: ssl.SSLSession | None) -> None:
    with site.secure("client-required", context, session) as sock:
        sock.sendall(site.greeting)
        while sock.recv(65536):
            continue


class Client:
    """`openssl s_client`, spoken to and read line by line."""

    def __init__(self, site: Site, *options: str) -> None:
        where = f"{site.where.address}:{site.where.port}"
        command = [OPENSSL or "", "s_client", "-connect", where, "-servername", site.name()]
        command += ["-CAfile", str(site.ca), "-verify_return_error", "-alpn", SPEAKS[site.role], *options]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
        self._timer = threading.Timer(WITHIN, self._process.kill)
        self._timer.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.communicate()

    def say(self, words: bytes) -> None:
        """Types `words`: a letter alone on its line is a command of s_client's."""
        assert self._process.stdin
        self._process.stdin.write(words)
        self._process.stdin.flush()

    def message(self, name: bytes) -> bytes:
        """The next handshake message of that name that the server sends, as `-msg` shows it."""
        length = int(self.until(b"], " + name).partition(b"[length ")[2][:4], 16)
        shown = b""
        assert self._process.stdout
        while len(shown) < length and (line := self._process.stdout.readline()):
            shown += bytes.fromhex(line.decode())
        assert len(shown) >= length, f"s_client ended within {name!r}"
        return shown

    def until(self, wanted: bytes) -> bytes:
        """Reads until a line has `wanted`, and gives that line; fails when none does."""
        assert self._process.stdout
        seen = []
        for line in self._process.stdout:
            seen.append(line)
            if wanted in line:
                return line
        raise AssertionError(f"no {wanted!r} in {b''.join(seen)!r}")


def ticket_extensions(message: bytes) -> set[int]:
    """The extensions of a NewSessionTicket (RFC 8446, 4.6.1)."""
    at = 4 + 4 + 4
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2]) + 2
    found = set()
    while at < len(message):
        found.add(int.from_bytes(message[at : at + 2]))
        at += 4 + int.from_bytes(message[at + 2 : at + 4])
    return found


@pytest.mark.skipif(OPENSSL is None, reason="needs the openssl program")
class TestOpenssl:
    """What Python's `ssl` cannot try."""

    @feature("tls-early-data")
    @rfc("8446", "4.2.10")
    def test_no_ticket_allows_early_data(self, site: Site) -> None:
        """Early data can be replayed, and HTTP has no use for that here (RFC 8470)."""
        with Client(site, "-tls1_3", "-msg") as client:
            ticket = client.message(b"NewSessionTicket")
        assert EARLY_DATA not in ticket_extensions(ticket)

    @feature("tls-renegotiation")
    @rfc("9325", "3.5")
    def test_renegotiation_is_refused(self, site: Site) -> None:
        with Client(site, "-tls1_2", "-msg") as client:
            if SPEAKS[site.role] == "h2":
                client.until(b"    17 03 03")  # the server's SETTINGS, which must not fall into the handshake
            else:
                client.until(b"Verify return code: 0")
            client.say(b"R\n")
            client.until(b"no renegotiation")

    @feature("tls-key-update")
    @rfc("8446", "4.6.3")
    def test_keys_are_updated_and_the_connection_goes_on(self, site: Site) -> None:
        """`K` updates both directions; what is asked afterwards is answered under the new keys."""
        with Client(site, "-tls1_3", "-msg") as client:
            client.until(b"NewSessionTicket")
            client.say(b"K\n")
            client.until(b">>> TLS 1.3, Handshake [length 0005], KeyUpdate")
            client.say(site.greeting)
            client.until(b"<<< TLS 1.3, Handshake [length 0005], KeyUpdate")
            client.until(b"    17\n")  # a record of application data, decrypted

    @feature("tls-stapling")
    @rfc("6066", "8")
    def test_a_current_status_is_stapled(self, site: Site) -> None:
        with Client(site, "-status") as client:
            client.until(b"OCSP Response Status: successful")
            client.until(b"Cert Status: good")
