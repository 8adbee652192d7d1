"""An action takes what it declares, within bounds, and nothing else."""

from __future__ import annotations

import pytest

from lab import topology
from lab.topology import View
from services.console.actions import Yard
from services.console.catalogue import CATALOGUE
from services.console.errors import UnknownAction


def test_what_is_not_given_takes_its_default() -> None:
    assert CATALOGUE["get"].values({}) == {"role": "http1", "target": "/todos?name=zhangsan"}


@pytest.mark.parametrize("given", [{"role": "vault"}, {"role": 7}, {"target": "http://evil.example/"}])
def test_a_value_that_is_no_choice_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(UnknownAction):
        CATALOGUE["get"].values(given)


def test_a_text_is_bounded() -> None:
    with pytest.raises(UnknownAction, match="at most 2048"):
        CATALOGUE["tcp"].values({"text": "x" * 2049})


def test_the_role_asked_is_the_parameter_or_the_actions_own() -> None:
    assert CATALOGUE["get"].asked({"role": "https"}) == "https"
    assert CATALOGUE["tcp"].asked({"text": "x"}) == "tcp-echo"


YARD = Yard(topology.shipped(), View.HOST, "ca.pem")
AT = {
    service.role.replace("-", "_"): service.endpoint(View.HOST)
    for service in YARD.topology.services.values()
    if "main" in service.ports
} | {"proxy_tls": YARD.topology.endpoint("proxy", View.HOST, "tls")}


@pytest.mark.parametrize(
    ("action", "given", "command"),
    [
        (
            "get",
            {"role": "http1"},
            "python3 -m clients.http1 --connect {http1.address}:{http1.port} "
            "'http://http1.wireyard.test/todos?name=zhangsan'",
        ),
        (
            "get",
            {"role": "h2", "target": "/"},
            "python3 -m clients.http2 --connect {h2.address}:{h2.port} --ca ca.pem https://h2.wireyard.test/",
        ),
        (
            "post",
            {"role": "https", "body": "it's"},
            "python3 -m clients.http1 --connect {https.address}:{https.port} --ca ca.pem "
            "-H 'content-type: application/json' -d 'it'\"'\"'s' https://https.wireyard.test/todos",
        ),
        (
            "tls",
            {"case": "expired"},
            "python3 -m clients.http1 --connect {https.address}:{https.port} --ca ca.pem https://expired.https.wireyard.test/",
        ),
        ("tcp", {"text": "$(id)"}, "python3 -m clients.tcp {tcp_echo.address} {tcp_echo.port} '$(id)'"),
        ("udp", {"lines": "one|two"}, "python3 -m clients.udp {udp_echo.address} {udp_echo.port} one two"),
        (
            "dns",
            {"type": "SOA"},
            "python3 -m clients.dns --server {dns.address}:{dns.port} http1.wireyard.test SOA",
        ),
        (
            "tunnel",
            {"TLS to the proxy": "yes"},
            "python3 -m clients.tunnel --ca ca.pem https://{proxy_tls.address}:{proxy_tls.port} "
            "vault.wireyard.test:{vault.port}",
        ),
    ],
)
def test_the_command_is_what_a_person_would_type_for_these_values(
    action: str, given: dict[str, object], command: str
) -> None:
    chosen = CATALOGUE[action]
    assert chosen.typed(YARD, chosen.values(given)) == command.format(**AT)
