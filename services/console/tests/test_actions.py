"""An action takes what it declares, within bounds, and nothing else."""

from __future__ import annotations

import pytest

from services.console.catalogue import CATALOGUE
from services.console.errors import UnknownAction


def test_what_is_not_given_takes_its_default() -> None:
    assert CATALOGUE["get"].values({}) == {"role": "http1", "target": "/todos?name=zhangsan"}


@pytest.mark.parametrize("given", [{"role": "vault"}, {"role": 7}, {"target": "http://evil.example/"}])
def test_a_value_that_is_no_choice_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(UnknownAction):
        CATALOGUE["get"].values(given)


def test_a_text_is_bounded() -> None:
    with pytest.raises(UnknownAction, match="at most 2048"):
        CATALOGUE["tcp"].values({"text": "x" * 2049})


def test_the_role_asked_is_the_parameter_or_the_actions_own() -> None:
    assert CATALOGUE["get"].asked({"role": "https"}) == "https"
    assert CATALOGUE["tcp"].asked({"text": "x"}) == "tcp-echo"
