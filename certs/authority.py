"""A certificate authority: an issuer, and a function that signs a template in its name.

No file is touched here; `certs.store` keeps what this makes.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs import keys
from certs.errors import BadRequestError
from certs.extensions import Issuer, extensions, lasting
from certs.template import Template


def subject(common_name: str) -> x509.Name:
    """The distinguished name of everything that the yard makes; empty without a common name."""
    if not common_name:
        return x509.Name([])
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Wireyard"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def sign(template: Template, key: keys.PrivateKey, issuer: Issuer | None = None) -> x509.Certificate:
    """Sign a template for `key`; without an issuer the certificate signs itself.

    Raises BadRequestError for names and addresses that no certificate can carry.
    """
    signer = issuer.signer if issuer else key
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject(template.subject))
            .issuer_name(issuer.certificate.subject if issuer else subject(template.subject))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + template.starts)
            .not_valid_after(now + lasting(template, issuer))
        )
        for extension, critical in extensions(template, key, issuer):
            builder = builder.add_extension(extension, critical)
    except (ValueError, UnicodeError) as error:
        raise BadRequestError(f"{template.subject or 'a certificate'}: {error}") from error
    return builder.sign(signer, keys.digest_for(signer))
