"""What the reference offers beyond its role: reflection, run-time records, reloading, statistics."""

from __future__ import annotations

import asyncio
import socket

import dns.edns
import pytest

from clients.dns import Server, ask, question
from tests.dns.conftest import DOMAIN, Ask
from tests.dns.control import Control

feature = pytest.mark.feature


class TestReflect:
    """`reflect` answers with what the server saw of the asker."""

    @feature("reflect")
    async def test_address_port_and_transport(self, server: Server) -> None:
        """Each under a name of its own, and all in one text."""
        source = _own_address(server)
        for transport in ("udp", "tcp"):
            answers = {}
            for fact in ("address", "transport", "edns"):
                reply = await ask(
                    server,
                    question(f"{fact}.reflect.{DOMAIN}", "TXT"),
                    "tcp" if transport == "tcp" else "udp",
                )
                answers[fact] = reply.values("TXT")[0].strip('"')
            assert answers == {"address": source, "transport": transport, "edns": "none"}

    @feature("reflect")
    async def test_the_askers_own_address(self, query: Ask, server: Server) -> None:
        """As an A record, never to be kept."""
        reply = await query("reflect")
        assert reply.values("A") == [_own_address(server)]
        assert reply.message.answer[0].ttl == 0

    @feature("reflect")
    async def test_options_and_cookie(self, query: Ask) -> None:
        """Every option as code and octets."""
        options = [dns.edns.GenericOption(dns.edns.OptionType.make(65001), b"\xab\xcd")]
        assert '"65001:abcd"' in (await query("options.reflect", "TXT", options=options)).values("TXT")
        cookie = [dns.edns.CookieOption(b"abcdefgh", b"")]
        assert (await query("cookie.reflect", "TXT", options=cookie)).values("TXT") == ['"6162636465666768"']

    @feature("reflect")
    async def test_the_port_differs_from_one_question_to_the_next(self, query: Ask) -> None:
        """RFC 5452 9.2: a resolver asks from ports that cannot be guessed."""
        ports = {(await query("port.reflect", "TXT")).values("TXT")[0] for _ in range(5)}
        assert len(ports) > 1


def measured(control: Control) -> dict[str, float]:
    """The service's own figures, by what they count."""
    lines = (line.rpartition(" ") for line in control.send("GET", "/metrics").body.splitlines())
    prefix = "wireyard_dns_"
    return {name.removeprefix(prefix): float(value) for name, _, value in lines if name.startswith(prefix)}


class TestRunTime:
    """Records come and go on the control port while queries are answered."""

    @feature("run-time")
    async def test_a_record_comes_changes_and_goes(self, query: Ask, control: Control, unique: str) -> None:
        """Added, joined by a second, put in place of both, taken away."""
        assert (await query(unique)).rcode == "NXDOMAIN"
        record = {"name": unique, "type": "A", "data": "192.0.2.201"}
        assert control.send("POST", "/records", record).status == 201
        assert (await query(unique)).values("A") == ["192.0.2.201"]
        control.send("POST", "/records", {**record, "data": "192.0.2.202"})
        assert sorted((await query(unique)).values("A")) == ["192.0.2.201", "192.0.2.202"]
        control.send("PUT", "/records", {**record, "data": ["192.0.2.203"], "ttl": 7})
        reply = await query(unique)
        assert (reply.values("A"), reply.message.answer[0].ttl) == (["192.0.2.203"], 7)
        assert any(
            item["name"] == f"{unique}.{DOMAIN}" for item in control.send("GET", "/records").body["set"]
        )
        assert control.send("DELETE", f"/records?name={unique}&type=A").status == 204
        assert (await query(unique)).rcode == "NXDOMAIN"

    @feature("run-time")
    async def test_the_serial_number_grows_with_each_change(
        self, query: Ask, control: Control, unique: str
    ) -> None:
        """RFC 1982: who transfers the zone must see that it changed."""
        before = control.send("GET", "/zones").body[DOMAIN]
        control.send("POST", "/records", {"name": unique, "type": "TXT", "data": '"a b" c'})
        assert control.send("GET", "/zones").body[DOMAIN] > before
        assert (await query(unique, "TXT")).values("TXT") == ['"a b" "c"']
        control.send("DELETE", f"/records?name={unique}&type=TXT")

    @feature("run-time")
    @pytest.mark.parametrize(
        "body",
        [
            {"name": "x", "type": "A", "data": "192.0.2.256"},
            {"name": "x", "type": "NOPE", "data": "y"},
            {"name": "x", "type": "AXFR", "data": "y"},
            {"name": "x", "type": "A", "data": "192.0.2.1", "ttl": -1},
            {"name": "x.example.com.", "type": "A", "data": "192.0.2.1"},
            {"name": "http1", "type": "CNAME", "data": "h2"},
            {"name": "a..b", "type": "A", "data": "192.0.2.1"},
            {"name": "@", "type": "SOA", "data": "a b 1 2 3 4 5"},
            ["no object"],
        ],
    )
    async def test_what_cannot_be_served_is_refused(self, control: Control, query: Ask, body: object) -> None:
        """400 with the reason, and everything as it was."""
        answer = control.send("POST", "/records", body)
        assert answer.status == 400
        assert answer.body["error"]
        assert (await query("http1")).answer

    @feature("reload")
    async def test_zones_are_read_again_without_losing_a_query(
        self, query: Ask, control: Control, unique: str
    ) -> None:
        """Answers go on before, during and after, and run-time records stay."""
        record = {"name": unique, "type": "A", "data": "192.0.2.210"}
        control.send("POST", "/records", record)
        reading = asyncio.create_task(asyncio.to_thread(control.send, "POST", "/zones/reload"))
        asked = 0
        while not reading.done() or asked < 10:
            assert (await query(unique)).values("A") == ["192.0.2.210"]
            asked += 1
        assert (await reading).status == 200
        assert (await query("http1")).answer
        control.send("DELETE", f"/records?name={unique}&type=A")

    @feature("statistics")
    async def test_metrics_count_by_transport_and_code(self, query: Ask, control: Control) -> None:
        """Every message by its transport, whether it took judging or not, and by the code that was sent."""
        before = measured(control)
        for transport in ("udp", "tcp"):
            for _ in range(3):
                await query("http1", transport=transport)
        for code in ("servfail", "bad-cookie"):
            await query(f"{code}.lies", transport="udp", options=[dns.edns.CookieOption(b"12345678", b"")])
        after = measured(control)
        least = {
            'queries_total{role="dns",transport="udp"}': 5,
            'queries_total{role="dns",transport="tcp"}': 3,
            'answers_total{rcode="NOERROR",role="dns"}': 6,
            'answers_total{rcode="SERVFAIL",role="dns"}': 1,
            'answers_total{rcode="BADCOOKIE",role="dns"}': 1,
            'judged_total{role="dns",type="A"}': 2,
        }
        assert {key: after[key] - before.get(key, 0) >= more for key, more in least.items()} == dict.fromkeys(
            least, True
        )

    async def test_metrics_tell_the_serial_number_of_each_zone(self, control: Control) -> None:
        """Prometheus text."""
        text = control.send("GET", "/metrics").body
        assert "wireyard_dns_zone_serial" in text


def _own_address(server: Server) -> str:
    """The address that the kernel asks `server` from."""
    with socket.socket(
        socket.AF_INET6 if ":" in server.address else socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.connect((server.address, server.port))
        return str(sock.getsockname()[0])
