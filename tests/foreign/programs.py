"""The command lines of foreign clients, one table a role; `{…}` is filled in from the service's endpoint.

TLS is verified by each program itself, against the yard's CA and under the service's authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NODE = Path(__file__).parent / "node"
# Braces are doubled, for they are not to be filled in.
LISI = '[{{"name":"hospital","introduce":"医院复诊"}}]'
TODOS = "/todos?name=lisi"


@dataclass(frozen=True, slots=True)
class Program:
    """One way to ask a role: words, what goes to standard input, and what must come out."""

    name: str
    role: str
    feature: str
    words: str
    expected: str
    stdin: str = ""

    @property
    def executable(self) -> str:
        """What must be installed."""
        return self.words.split()[0]


_CURL = "curl --silent --show-error --fail --noproxy * --max-time 10 --connect-to ::{address}:{port}"
_OPENSSL = (
    "openssl s_client -connect {address}:{port} -servername {authority} -verify_hostname {authority}"
    " -CAfile {ca} -verify_return_error -quiet"
)
_GNUTLS = (
    "gnutls-cli --logfile=/dev/null --x509cafile={ca} --sni-hostname={authority}"
    " --verify-hostname={authority} --port={port} {address}"
)
_GET = "GET /todos?name=lisi HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
_NGHTTP = "nghttp --timeout=10 -H :authority:{authority}"

PROGRAMS = [
    Program("curl", "http1", "todos", f"{_CURL} http://{{authority}}{TODOS}", LISI),
    Program("curl --http1.0", "http1", "todos", f"{_CURL} --http1.0 http://{{authority}}{TODOS}", LISI),
    Program("nc", "http1", "todos", "nc -N {address} {port}", LISI, _GET),
    Program("socat", "http1", "todos", "socat -t 5 - TCP:{address}:{port}", LISI, _GET),
    Program("node http", "http1", "todos", "node {node}/http1.mjs {address} {port} {authority}", LISI),
    Program(
        "curl", "https", "todos", f"{_CURL} --http1.1 --cacert {{ca}} https://{{authority}}{TODOS}", LISI
    ),
    Program(
        "curl --tlsv1.3",
        "https",
        "todos",
        f"{_CURL} --tlsv1.3 --cacert {{ca}} https://{{authority}}{TODOS}",
        LISI,
    ),
    Program("openssl", "https", "tls-verified", f"{_OPENSSL} -ign_eof", LISI, _GET),
    Program("gnutls-cli", "https", "tls-verified", _GNUTLS, LISI, _GET),
    Program("node https", "https", "todos", "node {node}/https.mjs {address} {port} {authority} {ca}", LISI),
    Program(
        "curl --http2-prior-knowledge",
        "h2c",
        "todos",
        f"{_CURL} --http2-prior-knowledge -w over_HTTP/%{{{{http_version}}}} http://{{authority}}{TODOS}",
        f"{LISI}over_HTTP/2",
    ),
    Program("nghttp", "h2c", "todos", f"{_NGHTTP} http://{{address}}:{{port}}{TODOS}", LISI),
    Program("node http2", "h2c", "todos", "node {node}/http2.mjs {address} {port} http://{authority}", LISI),
    Program(
        "curl --http2",
        "h2",
        "todos",
        f"{_CURL} --http2 --cacert {{ca}} -w over_HTTP/%{{{{http_version}}}} https://{{authority}}{TODOS}",
        f"{LISI}over_HTTP/2",
    ),
    Program(
        "node http2", "h2", "todos", "node {node}/http2.mjs {address} {port} https://{authority} {ca}", LISI
    ),
    Program("nc", "tcp-echo", "", "nc -N {address} {port}", "over and back\n", "over and back\n"),
    Program(
        "socat", "tcp-echo", "", "socat -t 5 - TCP:{address}:{port}", "over and back\n", "over and back\n"
    ),
    Program("node net", "tcp-echo", "", "node {node}/tcp.mjs {address} {port}", "1048576 bytes came back"),
    Program("nc -u", "udp-echo", "", "nc -u -w1 {address} {port}", "one datagram", "one datagram"),
    Program("socat", "udp-echo", "", "socat -t 1 - UDP:{address}:{port}", "one datagram", "one datagram"),
    Program("node dgram", "udp-echo", "", "node {node}/udp.mjs {address} {port}", "100 datagrams came back"),
    Program(
        "curl --proxytunnel",
        "proxy",
        "connect",
        "curl --silent --show-error --fail --max-time 10 --proxytunnel --proxy http://{address}:{port}"
        f" http://vault.wireyard.test:{{vault}}{TODOS}",
        LISI,
    ),
    Program("curl, to the proxy", "proxy", "okay", "curl --silent --fail http://{address}:{port}/", "okay"),
    Program(
        "node connect",
        "proxy",
        "connect",
        "node {node}/connect.mjs {address} {port} vault.wireyard.test {vault}",
        LISI,
    ),
    Program(
        "undici",
        "proxy",
        "connect",
        "node {node}/undici.mjs {address} {port} vault.wireyard.test {vault}",
        LISI,
    ),
    Program(
        "dig", "dns", "authoritative", "dig @{address} -p {port} +noall +answer {authority}", "{authority}."
    ),
    Program("dig +tcp", "dns", "tcp", "dig @{address} -p {port} +tcp +short {authority}", "."),
    Program(
        "dig, no such name", "dns", "negative", "dig @{address} -p {port} nothing.{authority}", "NXDOMAIN"
    ),
    Program(
        "kdig", "dns", "edns", "kdig @{address} -p {port} +edns +noall +answer {authority}", "{authority}."
    ),
    Program(
        "node dns", "dns", "authoritative", "node {node}/dns.mjs {address} {port} {authority}", "1 address"
    ),
]
