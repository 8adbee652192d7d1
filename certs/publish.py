"""What follows the certificates: index, revocation lists, the responders' own certificates, staples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs import status, store
from certs.errors import StoreError
from certs.extensions import Issuer
from certs.make import Authority, Made, Order, renew
from certs.status import Entry, Moment
from certs.store import Owner, Pair
from certs.template import CLIENT, DAY, RESPONDER
from certs.zoo import BY_NAME, IDENTITIES, Staple

STALE = Moment(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 8, tzinfo=UTC))


@dataclass(frozen=True)
class Found:
    """A certificate that lies in the store."""

    place: Path
    chain: tuple[x509.Certificate, ...]


def publish(where: Path, authority: Authority, owner: Owner) -> list[Made]:
    """Bring everything that tells the status of certificates up to date."""
    made = [_responder(where, issuer, owner) for issuer in (authority.root, authority.intermediate)]
    made.append(_visitor(where, authority.intermediate, owner))
    issued = list(_issued(where))
    known = status.read_index(where / "ca" / "index.json")
    entries = [_entry(where, found, known) for found in issued]
    status.write_index(where, entries)
    for issuer in (authority.root, authority.intermediate):
        own = [
            e for e, f in zip(entries, issued, strict=True) if f.chain[0].issuer == issuer.certificate.subject
        ]
        status.write_list(where, issuer, own)
        store.publish(where / "ca" / f"{issuer.slug}.crt", issuer.certificate.public_bytes(Encoding.DER))
    staples = {entry.serial: entry for entry in entries}
    for found in issued:
        _staple(where, found, staples, (authority.intermediate, made[1][0]), owner)
    return [report for _, report in made]


def revoke(where: Path, name: str) -> None:
    """Note that the certificate of that name in the store is revoked; `publish` then tells the world."""
    path = where / "authority" / "revoked"
    serial = f"{store.load_chain(where / name / 'cert.pem')[0].serial_number:x}"
    before = path.read_text().split() if path.exists() else []
    if serial not in before:
        store.write(path, "\n".join([*before, serial, ""]).encode(), 0o600, Owner())


def _issued(where: Path) -> Iterator[Found]:
    """Every certificate in the store that one of the two authorities signed, the intermediate among them."""
    for path in sorted(where.rglob("cert.pem")):
        chain = store.load_chain(path)
        if path.parent.name != "root":
            yield Found(path.parent, chain)


def _entry(where: Path, found: Found, known: status.Index) -> Entry:
    leaf, name = found.chain[0], str(found.place.relative_to(where))
    before = known.get(leaf.serial_number)
    if before and before.revoked:
        return Entry(leaf.serial_number, name, before.revoked)
    revoked = name in _born_revoked() or f"{leaf.serial_number:x}" in _noted(where)
    return Entry(leaf.serial_number, name, datetime.now(UTC).replace(microsecond=0) if revoked else None)


def _noted(where: Path) -> Iterable[str]:
    path = where / "authority" / "revoked"
    return path.read_text().split() if path.exists() else ()


def _born_revoked() -> set[str]:
    cases = {
        f"{role}/zoo/{case.name}" for case in BY_NAME.values() if case.revoked for role in ("https", "h2")
    }
    return cases | {f"client/{identity.name}" for identity in IDENTITIES if identity.revoked}


def _responder(where: Path, issuer: Issuer, owner: Owner) -> tuple[Pair, Made]:
    store.folder(where / "http1", 0o755, owner)
    name = f"ocsp-{issuer.slug}"
    return renew(Order(where / "http1" / name, f"http1/{name}", RESPONDER, issuer), owner)


def _visitor(where: Path, issuer: Issuer, owner: Owner) -> tuple[Pair, Made]:
    """The client identity that http1 hands to anyone who asks: it proves that its holder can read."""
    template = replace(
        CLIENT, subject="visitor.client.wireyard.test", names=("visitor.client.wireyard.test",)
    )
    place = where / "http1" / "visitor"
    return renew(Order(place, "http1/visitor", template, issuer, (issuer.certificate,)), owner)


def _staple(
    where: Path, found: Found, index: status.Index, signer: tuple[Issuer, Pair], owner: Owner
) -> None:
    """Put the OCSP response that a server staples beside its certificate, if it is to staple one."""
    kind = _kind(where, found.place)
    if kind is Staple.NONE:
        return
    issuer, responder = signer
    path = found.place / "ocsp.der"
    about = responder.leaf if kind is Staple.OTHER else found.chain[0]
    entry = index.get(about.serial_number)
    revoked = entry is not None and entry.revoked is not None
    if not _fresh(path, about.serial_number, revoked=revoked, stale=kind is Staple.STALE):
        when = STALE if kind is Staple.STALE else Moment.now()
        request = status.ask(about, issuer.certificate)
        answer = status.respond(request, index, responder, when)
        store.write(path, answer.public_bytes(Encoding.DER), store.PUBLIC, owner)


def _kind(where: Path, place: Path) -> Staple:
    parts = place.relative_to(where).parts
    if len(parts) == 3 and parts[1] == "zoo":
        return BY_NAME[parts[2]].staple
    return Staple.GOOD if parts in (("https",), ("h2",), ("proxy",)) else Staple.NONE


def _fresh(path: Path, serial: int, *, revoked: bool, stale: bool) -> bool:
    """Whether the staple that is there is about this certificate, says what the list says, and lasts."""
    try:
        response = ocsp.load_der_ocsp_response(path.read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: {error}") from error
    if response.serial_number != serial:
        return False
    if (response.certificate_status is ocsp.OCSPCertStatus.REVOKED) != revoked:
        return False
    ends = response.next_update_utc
    return stale or (ends is not None and ends - datetime.now(UTC) > DAY)
