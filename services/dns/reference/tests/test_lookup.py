"""The look-up algorithm, on one zone with a case of each kind."""

from __future__ import annotations

import pytest

from services.dns.reference import builder, zonefile
from services.dns.reference.errors import ZoneError
from services.dns.reference.lookup import Answer, look_up
from services.dns.reference.names import from_text, to_text
from services.dns.reference.packed import RRset
from services.dns.reference.rrtypes import Rcode, Type, type_to_text
from services.dns.reference.zone import Zone

APEX = from_text("example.")
HEAD = "$TTL 1h\n@ SOA ns host 1 1h 10m 1w 5m\n NS ns\nns A 192.0.2.1\n"
TEXT = (
    HEAD
    + """
a       A 192.0.2.10
        AAAA 2001:db8::10
        MX 10 mail
mail    A 192.0.2.25
alias   CNAME a
chain   CNAME alias
out     CNAME www.elsewhere.
lost    CNAME nowhere
into    CNAME www.sub
ring    CNAME ring2
ring2   CNAME ring
x.ent   A 192.0.2.11
*.w     A 192.0.2.42
host.w  TXT x
*.cw    CNAME a
sub     NS ns.sub
        NS ns.elsewhere.
        DS 1 5 1 00
ns.sub  A 192.0.2.53
deep.sub A 192.0.2.54
old     DNAME new
h.new   A 192.0.2.77
_s._tcp SRV 1 2 3 a
a       HTTPS 1 . alpn=h2
        SVCB 2 a
        SVCB 1 mail port=25
b       HTTPS 0 a
"""
)


def build(text: str = TEXT, apex: bytes = APEX) -> Zone:
    return builder.build(apex, zonefile.parse(text, "z", apex, str))


ZONES = {APEX: build()}


def ask(name: str, rrtype: str = "A") -> Answer:
    return look_up(ZONES, from_text(name + ".example."), Type[rrtype])


def show(section: list[RRset]) -> list[str]:
    return [f"{to_text(rrset.owner)} {type_to_text(rrset.rrtype)}" for rrset in section]


def test_data_of_the_type_asked_for() -> None:
    answer = ask("a")
    assert (answer.rcode, answer.authoritative, answer.keep) == (Rcode.NOERROR, True, True)
    assert show(answer.answer) == ["a.example. A"]
    assert not answer.authority


@pytest.mark.parametrize("name", ["a", "ent", "_tcp", "host.w"])
def test_a_name_without_the_type_is_no_data(name: str) -> None:
    """RFC 2308 2.2, and for names that only have children (RFC 4592 2.2.2): SOA, NOERROR."""
    answer = ask(name, "SRV")
    assert (answer.rcode, answer.answer) == (Rcode.NOERROR, [])
    assert show(answer.authority) == ["example. SOA"]
    assert answer.authority[0].ttl == 300  # RFC 2308 3: the lesser of TTL and MINIMUM


@pytest.mark.parametrize("name", ["nope", "x.a", "y.ent", "x.host.w"])
def test_a_name_that_does_not_exist(name: str) -> None:
    """RFC 4592 2.2.1 too: what exists blocks the wildcard for all below it."""
    answer = ask(name)
    assert (answer.rcode, answer.keep) == (Rcode.NXDOMAIN, False)
    assert show(answer.authority) == ["example. SOA"]


def test_a_chain_is_followed_in_order() -> None:
    assert show(ask("chain").answer) == ["chain.example. CNAME", "alias.example. CNAME", "a.example. A"]
    assert show(ask("chain", "CNAME").answer) == ["chain.example. CNAME"]


def test_the_end_of_a_chain_sets_the_code() -> None:
    """RFC 6604 3: NXDOMAIN for a last name that does not exist; out of the zones it is not known."""
    assert ask("lost").rcode == Rcode.NXDOMAIN
    assert show(ask("lost").answer) == ["lost.example. CNAME"]
    assert ask("out").rcode == Rcode.NOERROR
    assert show(ask("out").answer) == ["out.example. CNAME"]


def test_a_ring_of_aliases_ends() -> None:
    assert show(ask("ring").answer) == ["ring.example. CNAME", "ring2.example. CNAME"]


def test_the_wildcard_answers_under_the_name_asked_for() -> None:
    answer = ask("any.thing.w")
    assert show(answer.answer) == ["any.thing.w.example. A"]
    assert not answer.keep
    assert show(ask("q.cw").answer) == ["q.cw.example. CNAME", "a.example. A"]
    assert ask("q.w", "TXT").rcode == Rcode.NOERROR


def test_a_delegation_gives_name_servers_and_glue() -> None:
    for name in ("sub", "x.sub", "deep.sub"):
        answer = ask(name)
        assert (answer.rcode, answer.authoritative, answer.required) == (Rcode.NOERROR, False, True)
        assert show(answer.authority) == ["sub.example. NS"]
        assert show(answer.additional) == ["ns.sub.example. A"]


def test_a_chain_that_leads_into_a_delegation_ends_with_the_referral() -> None:
    """RFC 1034 4.3.2 step 3: the alias is ours to tell (AA), what it means is the child's."""
    answer = look_up(ZONES, from_text("into.example."), Type.A)
    assert (answer.rcode, answer.authoritative, answer.required) == (Rcode.NOERROR, True, True)
    assert show(answer.answer) == ["into.example. CNAME"]
    assert show(answer.authority) == ["sub.example. NS"]
    assert show(answer.additional) == ["ns.sub.example. A"]


def test_the_parent_answers_for_ds() -> None:
    """RFC 4035 3.1.4.1."""
    assert show(ask("sub", "DS").answer) == ["sub.example. DS"]
    assert show(ask("x.sub", "DS").authority) == ["sub.example. NS"]


def test_dname_redirects_what_is_below_it() -> None:
    """RFC 6672 3.1: the DNAME, a CNAME made from it, and the target's records."""
    assert show(ask("h.old").answer) == ["old.example. DNAME", "h.old.example. CNAME", "h.new.example. A"]
    assert show(ask("old").authority) == ["example. SOA"]


def test_dname_to_a_name_that_is_too_long() -> None:
    """RFC 6672 2.2: YXDOMAIN."""
    text = HEAD + f"o DNAME {'.'.join(['x' * 60] * 3)}\n"
    name = from_text(".".join(["y" * 60] * 2) + ".o.example.")
    assert look_up({APEX: build(text)}, name, Type.A).rcode == Rcode.YXDOMAIN


def test_addresses_of_targets_are_added() -> None:
    assert show(ask("a", "MX").additional) == ["mail.example. A"]
    assert show(ask("_s._tcp", "SRV").additional) == ["a.example. A", "a.example. AAAA"]
    assert show(look_up(ZONES, APEX, Type.NS).additional) == ["ns.example. A"]


def test_addresses_of_service_bindings_are_added() -> None:
    """RFC 9460 4.1, and 2.5: `.` is the owner itself."""
    assert show(ask("a", "HTTPS").additional) == ["a.example. A", "a.example. AAAA"]
    assert show(ask("b", "HTTPS").additional) == ["a.example. A", "a.example. AAAA"]
    assert show(ask("a", "SVCB").additional) == ["a.example. A", "a.example. AAAA", "mail.example. A"]


def test_any_is_one_set_or_all() -> None:
    """RFC 8482 4.1 where an address may be forged, everything where it cannot."""
    name = from_text("a.example.")
    assert len(look_up(ZONES, name, Type.ANY).answer) == 1
    assert len(look_up(ZONES, name, Type.ANY, everything=True).answer) == 5


def test_names_keep_the_case_of_the_question() -> None:
    answer = look_up(ZONES, from_text("A.eXaMple."), Type.A)
    assert show(answer.answer) == ["A.eXaMple. A"]


def test_a_name_of_no_zone_is_refused() -> None:
    assert look_up(ZONES, from_text("a.elsewhere."), Type.A).rcode == Rcode.REFUSED


def test_the_nearest_zone_answers() -> None:
    inner = from_text("sub.example.")
    both = {**ZONES, inner: build(HEAD + "x A 192.0.2.99\n", inner)}
    answer = look_up(both, from_text("x.sub.example."), Type.A)
    assert answer.authoritative
    assert show(answer.answer) == ["x.sub.example. A"]
    assert show(look_up(both, inner, Type.DS).answer) == ["sub.example. DS"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@ NS ns\nns A 192.0.2.1\n", "SOA"),
        ("@ SOA a b 1 2 3 4 5\n", "NS"),
        (HEAD + "a CNAME b\na A 192.0.2.1\n", "CNAME beside"),
        (HEAD + "a CNAME b\na CNAME c\n", "two CNAME"),
        (HEAD + "a SOA a b 1 2 3 4 5\n", "not the apex"),
        (HEAD + "a.elsewhere. A 192.0.2.1\n", "not within"),
        (HEAD + "d DNAME x\na.d A 192.0.2.1\n", "below a DNAME"),
        (HEAD + "s NS ns.s\n", "needs an address"),
    ],
)
def test_a_zone_that_cannot_be_served_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ZoneError, match=reason):
        build("$TTL 60\n" + text)
