"""lab/matrix/rounds.py: what is judged side by side."""

from __future__ import annotations

import re

from lab.matrix.judge import wishes
from lab.matrix.rounds import LEANS_ON, rounds
from lab.selection import REFERENCE
from lab.swap import Wish
from lab.topology import PROJECT, ROLES

EVERYTHING = wishes([])


def test_every_implementation_is_judged_once_in_the_order_of_its_role() -> None:
    judged = [wish for together in rounds(EVERYTHING) for wish in together]
    for role in ROLES:
        assert [w for w in judged if w.role == role] == [w for w in EVERYTHING if w.role == role]


def test_a_role_has_one_implementation_at_a_time() -> None:
    for together in rounds(EVERYTHING):
        assert len({wish.role for wish in together}) == len(together)


def test_what_a_role_leans_on_is_ours_while_it_is_judged() -> None:
    for together in rounds(EVERYTHING):
        others = {wish.role for wish in together if wish.implementation != REFERENCE}
        for wish in together:
            assert not LEANS_ON.get(wish.role, frozenset()) & others


ASKED = re.compile(r'\b(?:target|url|endpoint)\("([a-z0-9-]+)"')


def test_whom_the_tests_of_the_proxy_ask_is_known() -> None:
    files = (PROJECT / "tests" / "proxy").glob("test_*.py")
    asked = {name for file in files for name in ASKED.findall(file.read_text())} & set(ROLES)
    assert asked - {"proxy"} <= LEANS_ON["proxy"]


def test_ours_are_all_judged_at_once() -> None:
    assert {wish.role for wish in rounds(EVERYTHING)[0]} == set(ROLES)


def test_roles_that_have_nothing_to_do_with_each_other_share_a_round() -> None:
    one, other = Wish("udp-echo", "node"), Wish("proxy", "squid")
    assert rounds([one, other]) == [(one, other)]
    leaning = Wish("http1", "node")
    assert rounds([leaning, other]) == [(leaning,), (other,)]
