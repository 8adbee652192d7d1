"""What the command line does beside `make`: certificates for the user's own services in the yard.

They lie under `DIR/own/NAME/`, are listed and revoked like all others, and are never renewed unasked.
"""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from certs import store
from certs.errors import BadRequestError, NotTrustedError, UnknownNameError
from certs.leaves import apart, is_address
from certs.make import MINE, Order, open_authority, renew
from certs.publish import publish, revoke
from certs.status import read_index
from certs.template import CLIENT, DAY, SERVER, Template


def issue(where: Path, name: str, template: Template) -> str:
    """Make a certificate for `template` and keep it as `own/NAME`; gives one line about it."""
    with store.locked(where):
        authority = open_authority(where, [])
        issuer = authority.intermediate
        place = where / "own" / name
        pair, made = renew(Order(place, f"own/{name}", template, issuer, (issuer.certificate,)), MINE)
        publish(where, authority, MINE)
    return f"{place}: {'made' if made.why else 'kept'}, until {pair.leaf.not_valid_after_utc:%Y-%m-%d}"


def wanted(names: list[str], key: str, days: int, *, client: bool) -> Template:
    """The template for names and addresses as the user writes them. Raises BadRequestError."""
    if "/" in names[0] or days < 1:
        raise BadRequestError(f"{names[0]!r} for {days} days: no certificate can be made of that")
    hosts, addresses = apart(names)
    good = CLIENT if client else SERVER
    return replace(good, subject=names[0], key=key, names=hosts, addresses=addresses, ends=days * DAY)


def listed(where: Path) -> Iterator[str]:
    """A line for each certificate in the store: name, end, and whether it is revoked."""
    index = read_index(where / "ca" / "index.json")
    for path in sorted(where.rglob("cert.pem")):
        leaf = store.load_chain(path)[0]
        entry = index.get(leaf.serial_number)
        state = "revoked" if entry and entry.revoked else _age(leaf)
        yield f"{path.parent.relative_to(where)!s:32} {leaf.not_valid_after_utc:%Y-%m-%d}  {state}"


def _age(leaf: x509.Certificate) -> str:
    now = datetime.datetime.now(datetime.UTC)
    if leaf.not_valid_before_utc > now:
        return "not yet valid"
    return "expired" if leaf.not_valid_after_utc < now else "good"


def shown(where: Path, name: str) -> Iterator[str]:
    """The certificates of one chain, leaf first."""
    for certificate in _chain(where, name):
        yield f"subject   {certificate.subject.rfc4514_string()}"
        yield f"issuer    {certificate.issuer.rfc4514_string()}"
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        yield f"valid     {begin:%F %T} to {end:%F %T} UTC"
        yield f"serial    {certificate.serial_number:X}"
        yield f"sha256    {certificate.fingerprint(hashes.SHA256()).hex(':').upper()}"
        for extension in certificate.extensions:
            critical = ", critical" if extension.critical else ""
            yield f"          {extension.oid._name}{critical}"
        yield ""


def verify(where: Path, name: str, host: str) -> str:
    """Build the path to the store's root as a client would. Raises NotTrustedError with the reason."""
    leaf, *above = _chain(where, name)
    anchor = store.load_chain(where / "ca" / "ca.pem")
    peer = x509.IPAddress(ip_address(host)) if is_address(host) else x509.DNSName(host)
    try:
        path = PolicyBuilder().store(Store(list(anchor))).build_server_verifier(peer).verify(leaf, above)
    except VerificationError as error:
        raise NotTrustedError(f"{name} is not trusted as {host}: {error}") from error
    return " <- ".join(certificate.subject.rfc4514_string() for certificate in path)


def export(where: Path, name: str, target: Path, password: str) -> str:
    """Write a pair where the user wants it: PKCS #12 for *.p12, else key and chain in PEM."""
    place = _place(where, name)
    pair = store.load(place)
    if target.suffix == ".p12":
        content = pkcs12.serialize_key_and_certificates(
            name.encode(), pair.key, pair.leaf, pair.chain[1:], BestAvailableEncryption(password.encode())
        )
    else:
        content = (place / "key.pem").read_bytes() + (place / "cert.pem").read_bytes()
    store.write(target, content, 0o600, MINE)
    return f"{target}: {len(content)} bytes, for your eyes only"


def withdraw(where: Path, name: str) -> str:
    """Revoke a certificate: in the list, at the responder, and in the next staples."""
    _place(where, name)
    with store.locked(where):
        revoke(where, name)
        publish(where, open_authority(where, []), MINE)
    return f"{name} is revoked"


TRUST = """\
The authority is {ca}. It signs for the yard alone; trust it only where you test.
  curl, wget        --cacert {ca}, --ca-certificate={ca}
  Python            SSL_CERT_FILE={ca}; requests: REQUESTS_CA_BUNDLE={ca}
  Node              NODE_EXTRA_CA_CERTS={ca}
  Java              keytool -importcert -alias wireyard -file {ca} -keystore truststore.p12
  Debian, Ubuntu    cp {ca} /usr/local/share/ca-certificates/wireyard.crt && update-ca-certificates
  Fedora, RHEL      trust anchor {ca}
  macOS             security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {ca}
  Windows           certutil -user -addstore Root {ca}
  Firefox           Settings, Certificates, Authorities, Import
Take it out again when you are done."""


def _place(where: Path, name: str) -> Path:
    place = (where / name).resolve()
    if not place.is_relative_to(where.resolve()) or not (place / "cert.pem").exists():
        raise UnknownNameError(f"there is no {name!r} in {where}; `list` shows what there is")
    return place


def _chain(where: Path, name: str) -> tuple[x509.Certificate, ...]:
    return store.load_chain(_place(where, name) / "cert.pem")
