"""The zoo: one row for each certificate that is good in its own way, or bad in one way.

A row says what is wrong, by which clause, and what a correct client must say. It is served to whoever asks
for `HOST.https.wireyard.test` or `HOST.h2.wireyard.test` (RFC 6066, 3). Each bad row is the good template
with one change, so that nothing else can be what a client objects to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from certs.template import CLIENT, DAY, INTERMEDIATE, ROOT, SERVER, Template


class Verdict(StrEnum):
    """What a correct client does."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    REFUSE_IF_CHECKED = "refuse, where revocation is checked"
    """RFC 5280 leaves it to the client whether it asks for the status at all."""


class Staple(StrEnum):
    """The OCSP response that is stapled to the handshake (RFC 6066, 8)."""

    NONE = "none"
    GOOD = "good"
    STALE = "stale"
    OTHER = "for another certificate"


@dataclass(frozen=True)
class Case:
    """One row. `names` are patterns in which `{host}` is the case's own name in the yard."""

    name: str
    wrong: str
    clause: str
    verdict: Verdict
    says: str
    host: str = ""
    names: tuple[str, ...] = ("{host}",)
    issuer: str = "intermediate"
    chain: str = "full"
    staple: Staple = Staple.NONE
    revoked: bool = False
    sha1: bool = False
    change: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def server_name(self, authority: str) -> str:
        """What a client asks for: a name below `authority`, as an A-label (RFC 5890, 2.3.2.1)."""
        return f"{self.host or self.name}.{authority}".encode("idna").decode("ascii")

    def template(self, authority: str) -> Template:
        """What goes into its certificate."""
        host = self.server_name(authority)
        names = tuple(name.format(host=host, authority=authority) for name in self.names)
        return replace(replace(SERVER, subject=host, names=names), **self.change)


ISSUERS: Mapping[str, tuple[Template, str]] = MappingProxyType(
    {
        "stranger": (replace(ROOT, subject="Nobody's Root"), ""),
        "plain": (replace(INTERMEDIATE, subject="Wireyard Not an Authority", authority=None), "root"),
        "fenced": (
            replace(INTERMEDIATE, subject="Wireyard Elsewhere Only", permitted=("elsewhere.test",)),
            "root",
        ),
        "deep": (replace(INTERMEDIATE, subject="Wireyard One Too Deep"), "intermediate"),
    }
)
"""The odd issuers: their template, and who signs them (nobody: themselves)."""

_GOOD = ("nothing", "RFC 5280 6.1", Verdict.ACCEPT, "accepted")


def _good(name: str, **more: Any) -> Case:
    return Case(name, *_GOOD, **more)


def _bad(name: str, wrong: str, clause: str, says: str, **more: Any) -> Case:
    return Case(name, wrong, clause, Verdict.REFUSE, says, **more)


CASES: tuple[Case, ...] = (
    _good("p256"),
    _good("p384", change={"key": "p384"}),
    _good("ed25519", change={"key": "ed25519"}),
    _good("rsa2048", change={"key": "rsa2048", "usages": ("digital_signature", "key_encipherment")}),
    _good("rsa4096", change={"key": "rsa4096", "usages": ("digital_signature", "key_encipherment")}),
    _good("wildcard", host="any.wildcard", names=("*.wildcard.{authority}",)),
    _bad(
        "wildcard-deep",
        "the wildcard stands for one label, and the name has two more",
        "RFC 9525 6.3",
        "the name does not match",
        host="a.b.wildcard-deep",
        names=("*.wildcard-deep.{authority}",),
    ),
    _good("idn", host="bücher"),
    _good("sans-1000", names=("{host}", *(f"san-{n}.{{authority}}" for n in range(999)))),
    _bad(
        "ip-only",
        "it names addresses only, and was reached by name",
        "RFC 9525 6.1",
        "the name does not match",
        names=(),
        change={"addresses": ("127.0.0.1", "::1"), "subject": "Addresses Only"},
    ),
    _bad(
        "no-san",
        "the name stands in the common name only",
        "RFC 9525 6.3",
        "the name does not match",
        names=(),
    ),
    _bad(
        "wrong-host",
        "it is another host's",
        "RFC 9525 6.3",
        "the name does not match",
        names=("elsewhere.{authority}",),
    ),
    _bad(
        "expired",
        "notAfter has passed",
        "RFC 5280 6.1.3(a)(2)",
        "the certificate has expired",
        change={"starts": -31 * DAY, "ends": -DAY},
    ),
    _bad(
        "not-yet-valid",
        "notBefore is to come",
        "RFC 5280 6.1.3(a)(2)",
        "the certificate is not yet valid",
        change={"starts": 30 * DAY, "ends": 60 * DAY},
    ),
    _bad("self-signed", "it vouches for itself", "RFC 5280 6.1", "self-signed", issuer="", chain="leaf"),
    _bad(
        "untrusted-root",
        "its root is not trusted",
        "RFC 5280 6.1.1(d)",
        "unknown authority",
        issuer="stranger",
    ),
    _bad(
        "incomplete-chain",
        "the intermediate is not sent",
        "RFC 8446 4.4.2",
        "unknown authority",
        chain="leaf",
    ),
    Case(
        "reversed-chain",
        "the root comes before the intermediate; TLS 1.3 clients should put up with it",
        "RFC 8446 4.4.2",
        Verdict.ACCEPT,
        "accepted",
        chain="reversed",
    ),
    Case(
        "revoked",
        "its issuer has revoked it, by CRL and by OCSP",
        "RFC 5280 6.3, RFC 6960 2.2",
        Verdict.REFUSE_IF_CHECKED,
        "revoked",
        revoked=True,
    ),
    _good("must-staple", staple=Staple.GOOD, change={"must_staple": True}),
    _bad(
        "must-staple-missing",
        "it demands a stapled status, and none is sent",
        "RFC 7633 4.3.3",
        "the stapled status is missing",
        change={"must_staple": True},
    ),
    _bad(
        "staple-stale",
        "the stapled status is out of date",
        "RFC 6960 4.2.2.1",
        "the stapled status is out of date",
        staple=Staple.STALE,
        change={"must_staple": True},
    ),
    _bad(
        "staple-other",
        "the stapled status is another certificate's",
        "RFC 6960 3.2",
        "the stapled status does not cover the certificate",
        staple=Staple.OTHER,
        change={"must_staple": True},
    ),
    _bad(
        "client-only",
        "its extended key usage is clientAuth alone",
        "RFC 5280 4.2.1.12",
        "not for servers",
        change={"purposes": ("client_auth",)},
    ),
    _bad(
        "key-usage",
        "its key may not sign, and TLS 1.3 has it sign",
        "RFC 8446 4.4.2.2",
        "not for servers",
        change={"usages": ("content_commitment",)},
    ),
    _bad(
        "no-basic-constraints",
        "its issuer does not say that it is an authority",
        "RFC 5280 6.1.4(k)",
        "the issuer is no authority",
        issuer="plain",
    ),
    _bad(
        "name-constraints",
        "its issuer may only issue below elsewhere.test",
        "RFC 5280 6.1.3(b)",
        "a name that the issuer may not issue",
        issuer="fenced",
    ),
    _bad(
        "path-too-long",
        "its issuer stands below an authority of path length 0",
        "RFC 5280 6.1.4(l)",
        "the path is too long",
        issuer="deep",
    ),
    _bad(
        "sha1", "it is signed with SHA-1", "RFC 9155 3, RFC 9325 4.5", "the signature is too weak", sha1=True
    ),
    _bad(
        "rsa1024",
        "its RSA key has 1024 bits",
        "RFC 9325 4.5",
        "the key is too small",
        change={"key": "rsa1024"},
    ),
)


@dataclass(frozen=True)
class Identity:
    """A client's certificate, good or bad in one way, for servers that ask for one."""

    name: str
    wrong: str
    clause: str
    verdict: Verdict
    says: str
    issuer: str = "intermediate"
    revoked: bool = False
    change: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def template(self) -> Template:
        """What goes into its certificate."""
        subject = f"{self.name}.client.wireyard.test"
        return replace(replace(CLIENT, subject=subject, names=(subject,)), **self.change)


IDENTITIES: tuple[Identity, ...] = (
    Identity("good", *_GOOD),
    Identity(
        "expired",
        "notAfter has passed",
        "RFC 5280 6.1.3(a)(2)",
        Verdict.REFUSE,
        "certificate_expired",
        change={"starts": -31 * DAY, "ends": -DAY},
    ),
    Identity(
        "stranger", "its root is not trusted", "RFC 5280 6.1.1(d)", Verdict.REFUSE, "unknown_ca", "stranger"
    ),
    Identity(
        "server-only",
        "its extended key usage is serverAuth alone",
        "RFC 5280 4.2.1.12",
        Verdict.REFUSE,
        "unsupported_certificate",
        change={"purposes": ("server_auth",)},
    ),
    Identity(
        "revoked",
        "its issuer has revoked it",
        "RFC 5280 6.3",
        Verdict.REFUSE,
        "certificate_revoked",
        revoked=True,
    ),
)
"""What a server must say of each of these is the alert of RFC 8446 6.2."""

BY_NAME: Mapping[str, Case] = MappingProxyType({case.name: case for case in CASES})
