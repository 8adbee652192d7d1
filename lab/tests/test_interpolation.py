"""lab/interpolation.py against the table at its head."""

from __future__ import annotations

import pytest

from lab.errors import LabError
from lab.interpolation import interpolate

ENVIRON = {"SET": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no variable", "no variable"),
        ("$SET-$UNSET.", "value-."),
        ("${SET}${UNSET}", "value"),
        ("$$SET $${SET}", "$SET ${SET}"),
        ("${SET:-word}|${EMPTY:-word}|${UNSET:-word}", "value|word|word"),
        ("${SET-word}|${EMPTY-word}|${UNSET-word}", "value||word"),
        ("${SET:?word}|${EMPTY?word}", "value|"),
        ("${SET:+word}|${EMPTY:+word}|${UNSET:+word}", "word||"),
        ("${SET+word}|${EMPTY+word}|${UNSET+word}", "word|word|"),
        ("${UNSET:-${SET}.1}|${UNSET:-}", "value.1|"),
        ("${UNSET:-a:b-c?d}", "a:b-c?d"),
    ],
)
def test_each_form_gives_what_compose_gives(text: str, expected: str) -> None:
    assert interpolate(text, ENVIRON) == expected


@pytest.mark.parametrize("text", ["${UNSET?why}", "${UNSET:?why}", "${EMPTY:?why}"])
def test_a_variable_that_must_be_set_is_named_with_its_message(text: str) -> None:
    with pytest.raises(LabError, match=r"(UNSET|EMPTY) must be set: why"):
        interpolate(text, ENVIRON)


@pytest.mark.parametrize("text", ["a $ b", "${}", "${1}", "${SET"])
def test_a_lone_dollar_sign_is_an_error(text: str) -> None:
    with pytest.raises(LabError, match=r"written \$\$"):
        interpolate(text, ENVIRON)
