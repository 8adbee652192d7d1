"""The OCSP responses that servers staple to handshakes (RFC 6066, 8): a file beside each certificate."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs import status, store
from certs.errors import StoreError
from certs.extensions import Issuer
from certs.make import Made
from certs.status import Moment
from certs.store import Owner, Pair
from certs.term import NEARLY_UP, NEVER, nearly_up
from certs.zoo import BY_NAME, Staple

STALE = Moment(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 8, tzinfo=UTC))


@dataclass(frozen=True)
class Found:
    """A certificate that lies in the store."""

    place: Path
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True)
class Stapler:
    """Answers from `index` in the name of `issuer`, for the servers of the store in folder `where`."""

    where: Path
    index: status.Index
    issuer: Issuer
    responder: Pair
    owner: Owner

    def staple(self, found: Found) -> Made | None:
        """Bring a certificate's response up to date; None for one that is not to have any."""
        kind = self._kind(found.place)
        if kind is Staple.NONE:
            return None
        about = self.responder.leaf if kind is Staple.OTHER else found.chain[0]
        why, ends = self._read(found.place / "ocsp.der", about, kind)
        if why:
            when = STALE if kind is Staple.STALE else Moment.now(self.issuer.life)
            request = status.ask(about, self.issuer.certificate)
            answer = status.respond(request, self.index, self.responder, when)
            content = answer.public_bytes(Encoding.DER)
            store.write(found.place / "ocsp.der", content, store.PUBLIC, self.owner)
            ends = when.ends
        name = f"{found.place.relative_to(self.where)}/ocsp"
        return Made.signed(name, why, NEVER if kind is Staple.STALE else ends, self.issuer)

    def _kind(self, place: Path) -> Staple:
        parts = place.relative_to(self.where).parts
        if len(parts) == 3 and parts[1] == "zoo":
            return BY_NAME[parts[2]].staple
        return Staple.GOOD if parts in (("https",), ("h2",), ("proxy",)) else Staple.NONE

    def _read(self, path: Path, about: x509.Certificate, kind: Staple) -> tuple[str, datetime]:
        """Why the response that is there will not do, and its end."""
        try:
            response = ocsp.load_der_ocsp_response(path.read_bytes())
        except FileNotFoundError:
            return "new", NEVER
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: {error}") from error
        ends = response.next_update_utc or NEVER
        if response.serial_number != about.serial_number:
            return "it is about another certificate", ends
        entry = self.index.get(about.serial_number)
        revoked = entry is not None and entry.revoked is not None
        if (response.certificate_status is ocsp.OCSPCertStatus.REVOKED) != revoked:
            return "it is revoked" if revoked else "it is revoked no more", ends
        return NEARLY_UP if kind is not Staple.STALE and nearly_up(ends, self.issuer.life) else "", ends
