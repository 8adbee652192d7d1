"""The zoo in the store: `DIR/ROLE/zoo/CASE/` for the services, `DIR/client/IDENTITY/` for clients.

The odd issuers' keys lie with the authority's own, `DIR/authority/ISSUER/`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cryptography import x509

from certs.extensions import Issuer
from certs.make import MINE, Authority, Made, Order, renew
from certs.store import Owner
from certs.template import Template
from certs.zoo import CASES, IDENTITIES, ISSUERS, Case, Identity

Chains = Mapping[str, tuple[Issuer, tuple[x509.Certificate, ...]]]
"""Issuer by name, with what a server sends behind a leaf of that issuer's."""

WITH_STATUS = ("root", "intermediate")
"""The issuers whose revocation lists exist."""


def issuers(where: Path, authority: Authority, report: list[Made]) -> Chains:
    """All issuers, good and odd; the odd ones made when need be."""
    root, intermediate = authority.root, authority.intermediate
    found: dict[str, tuple[Issuer, tuple[x509.Certificate, ...]]] = {
        "root": (root, ()),
        "intermediate": (intermediate, (intermediate.certificate,)),
    }
    for name, (template, parent) in ISSUERS.items():
        signer, above = found[parent] if parent else (None, ())
        place = where / "authority" / name
        pair, made = renew(Order(place, name, _bare(template, signer), signer, above), MINE)
        report.append(made)
        found[name] = (Issuer(pair.leaf, pair.key, name, intermediate.life), (pair.leaf, *above))
    return found


def cases(where: Path, role: str, name: str, chains: Chains) -> Iterator[tuple[Case, Order]]:
    """The orders for every case that the service `role` serves below its authority `name`."""
    for case in CASES:
        place = where / role / "zoo" / case.name
        issuer, above = _signer(case, chains)
        template = _bare(case.template(name), issuer)
        yield case, Order(place, f"{role}/{case.name}", template, issuer, above, case.sha1)


def identities(where: Path, chains: Chains) -> Iterator[tuple[Identity, Order]]:
    """The orders for every client identity."""
    for identity in IDENTITIES:
        issuer, above = chains[identity.issuer]
        template = _bare(identity.template, issuer)
        place = where / "client" / identity.name
        yield identity, Order(place, f"client/{identity.name}", template, issuer, above)


def fill(where: Path, roles: Mapping[str, str], chains: Chains, owner: Owner) -> Iterator[Made]:
    """Make what is missing of the zoo for `roles` (role -> authority) and for the client."""
    orders = [order for role, name in roles.items() for _, order in cases(where, role, name, chains)]
    orders += [order for _, order in identities(where, chains)]
    return (renew(order, owner)[1] for order in orders)


def _signer(case: Case, chains: Chains) -> tuple[Issuer | None, tuple[x509.Certificate, ...]]:
    if not case.issuer:
        return None, ()
    issuer, above = chains[case.issuer]
    if case.chain == "leaf":
        return issuer, ()
    if case.chain == "reversed":
        return issuer, (chains["root"][0].certificate, *above)
    return issuer, above


def _bare(template: Template, issuer: Issuer | None) -> Template:
    """Without pointers to revocation lists, for an issuer that keeps none."""
    return template if issuer and issuer.slug in WITH_STATUS else replace(template, status=False)
