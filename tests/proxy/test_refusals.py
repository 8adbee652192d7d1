"""What gets no tunnel, and how each reason is told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from tests.proxy.conftest import Tunnels, read_answer
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

Target = Callable[..., str]

GATEWAY = {502, 503, 504}
"""Any of these tells that it was not the client's fault."""


def connect(target: str, *fields: str, version: str = "1.1") -> bytes:
    lines = [f"CONNECT {target} HTTP/{version}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class TestTarget:
    """RFC 9112, 3.2.3. authority-form"""

    BAD = (
        "http1.wireyard.test",
        "http1.wireyard.test:",
        "http1.wireyard.test:0",
        "http1.wireyard.test:65536",
        "http1.wireyard.test:99999999999999999999",
        "http1.wireyard.test:80x",
        "http1.wireyard.test:-80",
        ":80",
        "user@http1.wireyard.test:80",
        "http1.wireyard.test:80/path",
        "[::1:80",
        "[zz]:80",
        "/",
        "*",
    )

    @feature("bad-target")
    @rfc("9110", "9.3.6")
    @pytest.mark.parametrize("target", BAD)
    async def test_what_is_not_host_and_port_is_answered_400(self, tunnels: Tunnels, target: str) -> None:
        """A server MUST reject an empty or invalid port number, typically with 400."""
        stream = await tunnels.raw(connect(target, "Host: http1.wireyard.test"))
        assert (await read_answer(stream)).status == 400

    DOUBTFUL = (
        "2130706433:80",
        "0x7f000001:80",
        "0x7f.1:80",
        "0177.0.0.1:80",
        "127.1:80",
        "127.0.0.1.:80",
        "127.0.0.0x1:80",
        "[fe80::1%25eth0]:80",
        "[fe80::1%eth0]:80",
        "a..b:80",
        "-a.test:80",
        "a_.test-:80",
        "xn--\xfc.test:80",
    )

    @feature("strict-target")
    @rfc("9112", "3.2.3")
    @pytest.mark.parametrize("target", DOUBTFUL)
    async def test_what_may_be_taken_for_an_address_is_no_name(self, tunnels: Tunnels, target: str) -> None:
        """`inet_aton` would make loopback of the first seven."""
        stream = await tunnels.raw(connect(target, "Host: x"))
        assert (await read_answer(stream)).status == 400


class TestHead:
    """RFC 9112, 3 and 5"""

    BAD: ClassVar = {
        "no Host": connect("a.test:80"),
        "two Hosts": connect("a.test:80", "Host: a.test", "Host: a.test"),
        "an empty Host": connect("a.test:80", "Host:"),
        "a Host with userinfo": connect("a.test:80", "Host: user@a.test"),
        "a space before the colon": connect("a.test:80", "Host : a.test"),
        "a folded line": connect("a.test:80", "Host: a.test", "X: a", " b"),
        "a field without a colon": connect("a.test:80", "Host: a.test", "nonsense"),
        "a control character": connect("a.test:80", "Host: a.test", "X: a\0b"),
        "a bare CR": connect("a.test:80", "Host: a.test", "X: a\rb"),
        "two spaces": b"CONNECT  a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n",
        "no version": b"CONNECT a.test:80\r\nHost: a.test\r\n\r\n",
        "bare line feeds": b"CONNECT a.test:80 HTTP/1.1\nHost: a.test\n\n",
    }

    @feature("bad-head")
    @rfc("9112", "3")
    @pytest.mark.parametrize("name", BAD)
    async def test_a_malformed_head_is_answered_400(self, tunnels: Tunnels, name: str) -> None:
        """And the connection closed: nobody knows where the next request would begin."""
        stream = await tunnels.raw(self.BAD[name])
        assert (await read_answer(stream)).status == 400
        assert await stream.receive() == b""

    @feature("bad-head")
    @rfc("9112", "2.3")
    async def test_another_major_version_is_answered_505(self, tunnels: Tunnels) -> None:
        """HTTP/1.1 is what this port speaks; 400 is as good."""
        stream = await tunnels.raw(connect("a.test:80", "Host: a.test", version="2.0"))
        assert (await read_answer(stream)).status in {400, 505}

    @feature("bad-head")
    async def test_bytes_that_are_not_http(self, tunnels: Tunnels, target: Target) -> None:
        """A TLS hello on the plain port costs the next client nothing."""
        stream = await tunnels.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
        assert (await stream.receive_rest())[:13] in (b"HTTP/1.1 400 ", b"")
        await tunnels.open(target("tcp-echo"))

    @feature("long-head")
    @rfc("6585", "5")
    @pytest.mark.parametrize("line", ["CONNECT ", "CONNECT a.test:80 HTTP/1.1\r\nX: "])
    async def test_a_head_without_end(self, tunnels: Tunnels, line: str) -> None:
        """414 or 431 (or 400), long before it ends."""
        stream = await tunnels.raw(line.encode() + b"a" * 70_000)
        assert (await read_answer(stream)).status in {400, 414, 431}

    @feature("no-content")
    @rfc("9110", "9.3.6")
    @pytest.mark.parametrize("field", ["Content-Length: 5", "Transfer-Encoding: chunked"])
    async def test_connect_has_no_content(self, tunnels: Tunnels, target: Target, field: str) -> None:
        """A length would make two readers see two different tunnels."""
        stream = await tunnels.raw(connect(target("tcp-echo"), "Host: x", field))
        assert (await read_answer(stream)).status == 400


class TestPolicy:
    """Default deny, decided on the address."""

    REFUSED = (
        "127.0.0.1:1",
        "127.8.8.8:80",
        "[::1]:1",
        "[::ffff:127.0.0.1]:1",
        "0.0.0.0:80",
        "[::]:80",
        "169.254.169.254:80",
        "[fe80::1]:80",
        "224.0.0.1:80",
        "[ff02::1]:80",
        "192.0.2.1:80",
        "255.255.255.255:80",
    )

    @feature("policy")
    @rfc("9110", "15.5.4")
    @pytest.mark.parametrize("target", REFUSED)
    async def test_what_is_not_allowed_is_answered_403(self, tunnels: Tunnels, target: str) -> None:
        """Loopback, unspecified, metadata, link-local, multicast, and an address of nobody's."""
        assert (await tunnels.refused(target)).status == 403

    @feature("proxy-status", "policy")
    @rfc("9209", "2.3.5")
    async def test_the_refusal_names_its_cause(self, tunnels: Tunnels) -> None:
        """destination_ip_prohibited: configured not to."""
        assert (await tunnels.refused("169.254.169.254:80")).error == "destination_ip_prohibited"


class TestFailures:
    """RFC 9110, 15.6: it was not the client's fault."""

    @feature("name-failure")
    @rfc("9110", "15.6.3")
    async def test_a_name_that_does_not_exist(self, tunnels: Tunnels) -> None:
        """The yard's resolver says NXDOMAIN."""
        assert (await tunnels.refused("nowhere.wireyard.test:80")).status in GATEWAY

    @feature("status-words", "proxy-status")
    @rfc("9209", "2.3.2")
    async def test_a_name_failure_tells_the_rcode(self, tunnels: Tunnels) -> None:
        """502 with dns_error and what DNS said."""
        refusal = await tunnels.refused("nowhere.wireyard.test:80")
        assert (refusal.status, refusal.error) == (502, "dns_error")
        assert 'rcode="NXDOMAIN"' in refusal.fields["proxy-status"]


class TestOther:
    """Requests that are no CONNECT."""

    @feature("okay")
    async def test_an_ordinary_request_is_answered_okay(self, tunnels: Tunnels) -> None:
        """As the tutorials' proxies do."""
        answer = await read_answer(await tunnels.raw(b"GET / HTTP/1.1\r\nHost: proxy\r\n\r\n"))
        assert (answer.status, answer.content.strip()) == (200, b"okay")

    @feature("other-methods")
    @rfc("9110", "15.5.6")
    async def test_another_method_is_answered_405(self, tunnels: Tunnels) -> None:
        """With Allow, which a 405 MUST have."""
        answer = await read_answer(await tunnels.raw(b"DELETE / HTTP/1.1\r\nHost: proxy\r\n\r\n"))
        assert answer.status == 405
        assert "CONNECT" in answer.fields["allow"]

    @feature("other-methods")
    @rfc("9112", "3.2.2")
    async def test_absolute_form_is_refused_clearly(self, tunnels: Tunnels) -> None:
        """This proxy tunnels and does not forward, and says so."""
        request = b"GET http://http1.wireyard.test/ HTTP/1.1\r\nHost: http1.wireyard.test\r\n\r\n"
        answer = await read_answer(await tunnels.raw(request))
        assert answer.status == 405
        assert b"CONNECT" in answer.content

    @feature("keep-alive")
    @rfc("9112", "9.3")
    async def test_a_refusal_leaves_the_connection_open(self, tunnels: Tunnels, target: Target) -> None:
        """The next CONNECT on it succeeds, and HEAD's answer in between has no content."""
        stream = await tunnels.raw(connect("nowhere.wireyard.test:80", "Host: x"))
        assert (await read_answer(stream)).status == 502
        await stream.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
        assert "CONNECT" in (await read_answer(stream)).fields["allow"]
        await stream.send(connect(target("tcp-echo"), "Host: x"))
        assert (await read_answer(stream)).status == 200

    @feature("journal")
    async def test_a_refusal_is_in_the_journal_with_its_reason(
        self, tunnels: Tunnels, journal: Callable[[str], Journal]
    ) -> None:
        """Status, error and words."""
        stream = await tunnels.raw(connect("127.0.0.1:1", "Host: x", "Connection: close"))
        local = stream.local
        await stream.receive_rest()
        events = await journal("proxy").of(local)
        assert [event.event for event in events] == ["connection", "connect", "refused", "close"]
        assert events[2].data["status"] == 403
        assert "loopback" in events[2].data["reason"]
