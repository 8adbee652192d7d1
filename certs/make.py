"""One certificate at a time: keep what will do, make anew what is missing, wrong or about to end."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from certs import keys, store, weak
from certs.authority import sign
from certs.errors import StoreError
from certs.extensions import Issuer, alternative_names, lasting
from certs.store import Owner, Pair
from certs.template import INTERMEDIATE, ROOT, SERVER, Template
from certs.term import LIFE, NEARLY_UP, NEVER, ROOT_LIFE, renewed_at

MINE = Owner()


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
    """What `make` did with one thing: `why` is empty when it was kept; from `due` on it is made anew."""

    name: str
    why: str
    ends: datetime
    due: datetime

    @classmethod
    def signed(cls, name: str, why: str, ends: datetime, issuer: Issuer) -> "Made":
        """For a list or a staple, which last as long as the issuer says."""
        return cls(name, why, ends, renewed_at(ends, issuer.life))


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


def open_authority(where: Path, report: list[Made], life: timedelta = LIFE) -> Authority:
    """The issuers of a store, made or renewed when need be; what was done is added to `report`."""
    keep = where / "authority"
    root = _issuer(Order(keep / "root", "root", ROOT), report, ROOT_LIFE)
    above = (root.certificate,)
    order = Order(keep / "intermediate", "intermediate", INTERMEDIATE, root, above)
    intermediate = _issuer(order, report, life)
    public = store.folder(where / "ca", 0o755, MINE)
    store.publish(public / "ca.pem", store.pem(above))
    store.publish(public / "intermediate.pem", store.pem([intermediate.certificate]))
    return Authority(root, intermediate)


def _issuer(order: Order, report: list[Made], life: timedelta) -> Issuer:
    pair, made = renew(order, MINE)
    report.append(made)
    return Issuer(pair.leaf, pair.key, order.name, life)


def reopen(where: Path) -> Authority:
    """The issuers of a store that was made, the root with its key where that is here. Raises StoreError."""
    whole = (where / "authority" / "root" / "key.pem").exists()
    return open_authority(where, []) if whole else without_root(where)


def without_root(where: Path, life: timedelta = LIFE) -> Authority:
    """The issuers of a store that was made, and of them only the intermediate's key. Raises StoreError."""
    [root, *_] = store.load_chain(where / "ca" / "ca.pem")
    pair = store.load(where / "authority" / "intermediate")
    return Authority(Issuer(root, None, "root", ROOT_LIFE), Issuer(pair.leaf, pair.key, "intermediate", life))


def renew(order: Order, owner: Owner) -> tuple[Pair, Made]:
    """Keep the pair in its place, or make it anew with a new key; says which, and why.

    Raises KeyElsewhereError where there is none, and the issuer cannot sign one.
    """
    pair, why = _read(order)
    if pair and (not why or _signs_nothing(order.issuer)):
        store.settle(order.place, owner)
        why = ""
    else:
        pair = _issue(order)
        store.save(order.place, pair, owner)
    return pair, Made(order.name, why, pair.leaf.not_valid_after_utc, _due(pair.leaf, order))


def _signs_nothing(issuer: Issuer | None) -> bool:
    return issuer is not None and issuer.key is None


def _issue(order: Order) -> Pair:
    key = keys.generate(order.template.key)
    leaf = sign(order.template, key, order.issuer)
    if order.sha1 and order.issuer:
        leaf = weak.sign_again(leaf, order.issuer)
    return Pair((leaf, *order.above), key)


def _read(order: Order) -> tuple[Pair | None, str]:
    """The pair in its place, and why it will not do; None for one that is not there or cannot be read."""
    if not (order.place / "cert.pem").exists():
        return None, "new"
    try:
        pair = store.load(order.place)
    except StoreError as error:
        return None, str(error)
    return pair, _fault(pair, order)


def _fault(pair: Pair, order: Order) -> str:
    """Why a certificate has to be made anew; empty while it will do."""
    if _due(pair.leaf, order) <= datetime.now(UTC):
        return NEARLY_UP
    if _span(pair.leaf) != lasting(order.template, order.issuer) - order.template.starts:
        return "another life is asked for"
    if keys.public_bytes(pair.key) != _public(pair.leaf):
        return "the key is another one's"
    if not _signed_by(pair.leaf, order.issuer):
        return "signed by an authority that is gone"
    return "" if _names(pair.leaf) == alternative_names(order.template) else "its names have changed"


def _due(leaf: x509.Certificate, order: Order) -> datetime:
    """When the first of its moments that were meant to lie ahead is about to lie behind."""
    moments = (
        (leaf.not_valid_after_utc, lasting(order.template, order.issuer)),
        (leaf.not_valid_before_utc, order.template.starts),
    )
    ahead = [renewed_at(moment, meant) for moment, meant in moments if meant > timedelta()]
    return min(ahead, default=NEVER)


def _span(certificate: x509.Certificate) -> timedelta:
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


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
