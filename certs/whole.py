"""Bring a whole store up to date: authorities, services, zoo, identities, and the status of them all.

Run it as often as you like: with nothing due it writes nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from certs import store, zoo_store
from certs.make import MINE, Leaf, Made, open_authority, order_for, renew
from certs.publish import publish
from certs.store import Owner

ZOO_ROLES = ("https", "h2")
"""The services that show the zoo."""


def make(where: Path, leaves: tuple[Leaf, ...], owner: Owner = MINE) -> list[Made]:
    """Bring the store in folder `where` up to date for `leaves`, whose files go to `owner`.

    Raises StoreError when a file cannot be read, written or handed over.
    """
    return list(making(where, leaves, owner))


def making(where: Path, leaves: tuple[Leaf, ...], owner: Owner = MINE) -> Iterator[Made]:
    """As `make`, one by one: the authority, `leaves` (with which the services can start), then the rest."""
    with store.locked(where):
        report: list[Made] = []
        authority = open_authority(where, report)
        yield from report
        for leaf in leaves:
            yield renew(order_for(where, leaf, authority), owner)[1]
        odd: list[Made] = []
        chains = zoo_store.issuers(where, authority, odd)
        yield from odd
        roles = {leaf.role: leaf.names[0] for leaf in leaves if leaf.role in ZOO_ROLES}
        yield from zoo_store.fill(where, roles, chains, owner)
        yield from publish(where, authority, owner)
