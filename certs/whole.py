"""Bring a whole store up to date: authorities, services, zoo, identities, and the status of them all.

Run it as often as you like: with nothing due it writes nothing.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from certs import store, zoo_store
from certs.make import MINE, Authority, Leaf, Made, open_authority, order_for, renew, without_root
from certs.publish import publish
from certs.store import Owner
from certs.term import LIFE

ZOO_ROLES = ("https", "h2")
"""The services that show the zoo."""


def make(where: Path, leaves: tuple[Leaf, ...], owner: Owner = MINE, life: timedelta = LIFE) -> list[Made]:
    """Bring the store in folder `where` up to date for `leaves`, whose files go to `owner`.

    Raises StoreError when a file cannot be read, written or handed over.
    """
    return list(making(where, leaves, owner, life))


def making(
    where: Path, leaves: tuple[Leaf, ...], owner: Owner = MINE, life: timedelta = LIFE
) -> Iterator[Made]:
    """As `make`, one by one: the authority, `leaves` (with which the services can start), then the rest."""
    with store.locked(where):
        report: list[Made] = []
        authority = open_authority(where, report, life)
        yield from report
        yield from _below(where, authority, leaves, owner)


def renewing(where: Path, leaves: tuple[Leaf, ...], life: timedelta = LIFE) -> Iterator[Made]:
    """The same below the authority of a store that was made, without the root's key: what it signed stays.

    Raises StoreError.
    """
    with store.locked(where):
        yield from _below(where, without_root(where, life), leaves, MINE)


def _below(where: Path, authority: Authority, leaves: tuple[Leaf, ...], owner: Owner) -> Iterator[Made]:
    for leaf in leaves:
        yield renew(order_for(where, leaf, authority), owner)[1]
    odd: list[Made] = []
    chains = zoo_store.issuers(where, authority, odd)
    yield from odd
    roles = {leaf.role: leaf.names[0] for leaf in leaves if leaf.role in ZOO_ROLES}
    yield from zoo_store.fill(where, roles, chains, owner)
    yield from publish(where, authority, owner)
