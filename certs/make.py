"""One certificate at a time: keep what will do, make anew what is missing, wrong or about to end."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from certs import keys, store, weak
from certs.authority import sign
from certs.errors import StoreError
from certs.extensions import Issuer, alternative_names
from certs.store import Owner, Pair
from certs.template import DAY, INTERMEDIATE, ROOT, SERVER, Template

MINE = Owner()
RENEW_WITHIN = DAY
"""A certificate with less than this left is made anew."""


@dataclass(frozen=True)
class Leaf:
    """A service that needs a certificate: its folder, and the names and addresses it answers to."""

    role: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def template(self) -> Template:
        """The good server certificate for this service."""
        return replace(SERVER, subject=self.names[0], names=self.names, addresses=self.addresses)


@dataclass(frozen=True)
class Made:
    """What `make` did with one certificate: `why` is empty when it was kept."""

    name: str
    why: str
    ends: datetime


@dataclass(frozen=True)
class Authority:
    """The two issuers of a store."""

    root: Issuer
    intermediate: Issuer


@dataclass(frozen=True)
class Order:
    """One certificate to be kept in `place`: its content, its issuer (None: itself), its chain behind it."""

    place: Path
    name: str
    template: Template
    issuer: Issuer | None = None
    above: tuple[x509.Certificate, ...] = ()
    sha1: bool = False


def order_for(where: Path, leaf: Leaf, authority: Authority) -> Order:
    """The order for a service's own certificate."""
    issuer = authority.intermediate
    return Order(where / leaf.role, leaf.role, leaf.template, issuer, (issuer.certificate,))


def open_authority(where: Path, report: list[Made]) -> Authority:
    """The issuers of a store, made or renewed when need be; what was done is added to `report`."""
    keep = where / "authority"
    root = _issuer(Order(keep / "root", "root", ROOT), report)
    above = (root.certificate,)
    intermediate = _issuer(Order(keep / "intermediate", "intermediate", INTERMEDIATE, root, above), report)
    public = store.folder(where / "ca", 0o755, MINE)
    store.publish(public / "ca.pem", store.pem(above))
    store.publish(public / "intermediate.pem", store.pem([intermediate.certificate]))
    return Authority(root, intermediate)


def _issuer(order: Order, report: list[Made]) -> Issuer:
    pair, made = renew(order, MINE)
    report.append(made)
    return Issuer(pair.leaf, pair.key, order.name)


def renew(order: Order, owner: Owner) -> tuple[Pair, Made]:
    """Keep the pair in its place, or make it anew with a new key; says which, and why."""
    old, why = _read(order)
    if old:
        store.settle(order.place, owner)
        return old, Made(order.name, "", old.leaf.not_valid_after_utc)
    pair = _issue(order)
    store.save(order.place, pair, owner)
    return pair, Made(order.name, why, pair.leaf.not_valid_after_utc)


def _issue(order: Order) -> Pair:
    key = keys.generate(order.template.key)
    leaf = sign(order.template, key, order.issuer)
    if order.sha1 and order.issuer:
        leaf = weak.sign_again(leaf, order.issuer)
    return Pair((leaf, *order.above), key)


def _read(order: Order) -> tuple[Pair | None, str]:
    """The pair in its place and nothing, or None and why it will not do."""
    if not (order.place / "cert.pem").exists():
        return None, "new"
    try:
        pair = store.load(order.place)
    except StoreError as error:
        return None, str(error)
    why = fault(pair, order.template, order.issuer)
    return (None, why) if why else (pair, "")


def fault(pair: Pair, template: Template, issuer: Issuer | None) -> str:
    """Why a certificate has to be made anew; empty while it will do."""
    if _passes(pair.leaf.not_valid_after_utc, template.ends):
        return "it ends within a day"
    if _passes(pair.leaf.not_valid_before_utc, template.starts):
        return "it begins within a day"
    if keys.public_bytes(pair.key) != _public(pair.leaf):
        return "the key is another one's"
    if not _signed_by(pair.leaf, issuer):
        return "signed by an authority that is gone"
    return "" if _names(pair.leaf) == alternative_names(template) else "its names have changed"


def _passes(moment: datetime, meant: timedelta) -> bool:
    """Whether a moment that was meant to lie ahead is about to lie behind."""
    return meant >= RENEW_WITHIN and moment - datetime.now(UTC) < RENEW_WITHIN


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(*keys.PUBLIC_FORM)


def _signed_by(certificate: x509.Certificate, issuer: Issuer | None) -> bool:
    """Whether it names the issuer's key as its own issuer's (RFC 5280, 4.2.1.1)."""
    if issuer is None:
        return certificate.issuer == certificate.subject
    theirs = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    try:
        named = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except x509.ExtensionNotFound:
        return False
    return named.key_identifier == theirs.digest


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
