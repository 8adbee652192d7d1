"""What a person would type where the clients are, to do what an action of the page does."""

from __future__ import annotations

from collections.abc import Mapping

from certs import zoo
from lab.topology import Endpoint
from services.console.actions import Yard

CASES = {case.name: case for case in zoo.CASES}
SECURE = frozenset({"https", "h2"})
HTTP2 = frozenset({"h2c", "h2"})

Words = list[str]


def get(yard: Yard, given: Mapping[str, str]) -> Words:
    """GET of `target`."""
    at = _endpoint(yard, given["role"])
    return _http(yard, given["role"], at.authority + given["target"])


def post(yard: Yard, given: Mapping[str, str]) -> Words:
    """POST of a JSON `body`."""
    at = _endpoint(yard, given["role"])
    body = ["-H", "content-type: application/json", "-d", given["body"]]
    return _http(yard, given["role"], f"{at.authority}/todos", *body)


def multiplex(yard: Yard, given: Mapping[str, str], targets: tuple[str, ...]) -> Words:
    """GET of every target on one session, and a PING."""
    authority = _endpoint(yard, given["role"]).authority
    first, *others = targets
    scheme = _scheme(given["role"])
    words = _http(yard, given["role"], authority + first, "--ping")
    return [*words, *(f"{scheme}://{authority}{target}" for target in others)]


def tls_case(yard: Yard, given: Mapping[str, str]) -> Words:
    """A request under a name of the zoo."""
    return _http(yard, "https", CASES[given["case"]].server_name(_endpoint(yard, "https").authority) + "/")


def tcp(yard: Yard, given: Mapping[str, str]) -> Words:
    """A text and its echo."""
    at = _endpoint(yard, "tcp-echo")
    return ["clients.tcp", at.address, str(at.port), given["text"]]


def udp(yard: Yard, given: Mapping[str, str]) -> Words:
    """One datagram a text."""
    at = _endpoint(yard, "udp-echo")
    return ["clients.udp", at.address, str(at.port), *given["lines"].split("|")]


def query(yard: Yard, given: Mapping[str, str]) -> Words:
    """One question."""
    at = _endpoint(yard, "dns")
    return ["clients.dns", "--server", f"{at.address}:{at.port}", given["name"], given["type"]]


def tunnel(yard: Yard, given: Mapping[str, str]) -> Words:
    """A request through the proxy."""
    secure = given["TLS to the proxy"] == "yes"
    at = yard.topology.endpoint("proxy", yard.view, "tls" if secure else "main")
    scheme, trusted = ("https", ["--ca", yard.ca]) if secure else ("http", [])
    target = f"vault.wireyard.test:{_endpoint(yard, 'vault').port}"
    return ["clients.tunnel", *trusted, f"{scheme}://{at.address}:{at.port}", target]


def _http(yard: Yard, role: str, rest: str, *options: str) -> Words:
    at = _endpoint(yard, role)
    client = "clients.http2" if role in HTTP2 else "clients.http1"
    trusted = ["--ca", yard.ca] if role in SECURE else []
    connect = ["--connect", f"{at.address}:{at.port}"]
    return [client, *connect, *trusted, *options, f"{_scheme(role)}://{rest}"]


def _scheme(role: str) -> str:
    return "https" if role in SECURE else "http"


def _endpoint(yard: Yard, role: str) -> Endpoint:
    return yard.topology.endpoint(role, yard.view)
