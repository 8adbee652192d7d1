"""What the command line does beside `make`: certificates for the user's own services in the yard.

They lie under `DIR/own/NAME/`, are listed and revoked like all others, and are never renewed unasked.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from certs import keys, store
from certs.errors import BadRequestError, KeyElsewhereError, NotTrustedError, UnknownNameError
from certs.extensions import PURPOSES, a_label, lasting
from certs.leaves import apart, is_address
from certs.make import MINE, Order, renew, reopen
from certs.publish import publish, revoke
from certs.status import read_index
from certs.template import CLIENT, DAY, SERVER, Template

LONGEST_DAYS = 825
"""What the strictest of common clients still accept from a private authority (Apple's, for one)."""
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
"""A host name (RFC 1123, 2.1), or a wildcard for its first label (RFC 9525, 6.3)."""


def issue(where: Path, name: str, template: Template) -> str:
    """Make a certificate for `template` and keep it as `own/NAME`; gives one line about it."""
    with store.locked(where):
        authority = reopen(where)
        issuer = authority.intermediate
        last = issuer.certificate.not_valid_after_utc
        life = lasting(template, issuer)
        if datetime.datetime.now(datetime.UTC) + life > last:
            raise BadRequestError(f"--days {life.days}: the authority itself ends on {last:%Y-%m-%d}")
        order = Order(where / "own" / name, f"own/{name}", template, issuer, (issuer.certificate,))
        _forget_other(where, order)
        pair, made = renew(order, MINE)
        publish(where, authority, MINE)
    return f"{order.place}: {'made' if made.why else 'kept'}, until {pair.leaf.not_valid_after_utc:%Y-%m-%d}"


def wanted(names: list[str], key: str, days: int, *, client: bool) -> Template:
    """The template for names and addresses as the user writes them. Raises BadRequestError."""
    if not 1 <= days <= LONGEST_DAYS:
        raise BadRequestError(f"--days {days}: a certificate lasts from 1 to {LONGEST_DAYS} days")
    hosts, addresses = apart(names)
    for host in hosts:
        if not _HOST.fullmatch(a_label(host)):
            raise BadRequestError(f"{host!r} is neither a host name nor an address")
    good = CLIENT if client else SERVER
    return replace(good, subject=names[0], key=key, names=hosts, addresses=addresses, ends=days * DAY)


def _forget_other(where: Path, order: Order) -> None:
    """Removes the pair in its place if it is not what is asked for now: revoked, or of another kind."""
    if not (order.place / "cert.pem").exists():
        return
    pair, template = store.load(order.place), order.template
    asked = {PURPOSES[name] for name in template.purposes}
    usage = pair.leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    same = set(usage) == asked and keys.kind(pair.key) == template.key
    if not same or _revoked(where, pair.leaf):
        (order.place / "cert.pem").unlink()


def _revoked(where: Path, leaf: x509.Certificate) -> datetime.datetime | None:
    entry = read_index(where / "ca" / "index.json").get(leaf.serial_number)
    return entry.revoked if entry else None


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
        if names := _names(certificate):
            yield f"for       {names}"
        for extension in certificate.extensions:
            critical = ", critical" if extension.critical else ""
            yield f"          {extension.oid._name}{critical}"
        yield ""


def _names(certificate: x509.Certificate) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    names = [str(name.value) for name in found]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def verify(where: Path, name: str, host: str) -> str:
    """Build the path to the store's root as a client would. Raises NotTrustedError with the reason."""
    leaf, *above = _chain(where, name)
    anchor = store.load_chain(where / "ca" / "ca.pem")
    peer = x509.IPAddress(ip_address(host)) if is_address(host) else x509.DNSName(host)
    try:
        path = PolicyBuilder().store(Store(list(anchor))).build_server_verifier(peer).verify(leaf, above)
    except VerificationError as error:
        # What follows is the certificate in the library's own notation, which the name says better.
        reason = str(error).removeprefix("validation failed: ").partition(" (encountered")[0]
        raise NotTrustedError(f"{name} is not trusted as {host}: {reason}") from error
    if when := _revoked(where, leaf):
        raise NotTrustedError(f"{name} is not trusted as {host}: revoked on {when:%Y-%m-%d}")
    return " <- ".join(certificate.subject.rfc4514_string() for certificate in path)


def export(where: Path, name: str, target: Path, password: str) -> str:
    """Write a pair where the user wants it: PKCS #12 for *.p12, else key and chain in PEM."""
    place = _place(where, name)
    content = _bundle(place, name, password) if target.suffix == ".p12" else _pem(place)
    store.write(target, content, 0o600, MINE)
    return f"{target}: {len(content)} bytes, for your eyes only"


def exported(where: Path, name: str) -> list[str]:
    """The same in PEM, line by line."""
    return _pem(_place(where, name)).decode().splitlines()


def _bundle(place: Path, name: str, password: str) -> bytes:
    pair = store.load(place)
    encryption = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(
        name.encode(), pair.key, pair.leaf, pair.chain[1:], encryption
    )


def _pem(place: Path) -> bytes:
    return (place / "key.pem").read_bytes() + (place / "cert.pem").read_bytes()


def withdraw(where: Path, name: str) -> str:
    """Revoke a certificate: in the list, at the responder, and in the next staples.

    Raises KeyElsewhereError for one of the root's, where its key is not.
    """
    leaf = _chain(where, name)[0]
    with store.locked(where):
        authority = reopen(where)
        if authority.root.key is None and leaf.issuer == authority.root.certificate.subject:
            raise KeyElsewhereError(f"{name} is the root's to revoke, and its key is not here")
        revoke(where, name)
        publish(where, authority, MINE)
    return f"{name} is revoked"


TRUST = """\
The authority is {ca}. It signs for the yard alone; trust it only where you test.
  curl, wget        --cacert {ca}, --ca-certificate={ca}
  Python            SSL_CERT_FILE={ca}; requests: REQUESTS_CA_BUNDLE={ca}
  Node              NODE_EXTRA_CA_CERTS={ca}
  Java              keytool -importcert -alias wireyard -file {ca} -keystore truststore.p12
  Debian, Ubuntu    sudo cp {ca} /usr/local/share/ca-certificates/wireyard.crt && sudo update-ca-certificates
  Fedora, RHEL      sudo trust anchor {ca}
  macOS             security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {ca}
  Windows           certutil -user -addstore Root {ca}
  Chrome on Linux   certutil -d sql:$HOME/.pki/nssdb -A -n wireyard -t C,, -i {ca}
  Firefox           Settings, Certificates, Authorities, Import
Take it out again when you are done."""


def _place(where: Path, name: str) -> Path:
    place = (where / name).resolve()
    if not place.is_relative_to(where.resolve()) or not (place / "cert.pem").exists():
        raise UnknownNameError(f"there is no {name!r} in {where}; `list` shows what there is")
    return place


def _chain(where: Path, name: str) -> tuple[x509.Certificate, ...]:
    return store.load_chain(_place(where, name) / "cert.pem")
