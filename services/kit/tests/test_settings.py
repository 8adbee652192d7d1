"""Settings from the environment, and errors that name the variable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from services.kit.errors import SettingsError
from services.kit.settings import Settings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Settings):
    """A field of every kind that the kit understands."""

    role: str = "sample"
    ratio: float = 1.5
    verbose: bool = False
    words: tuple[str, ...] = ()
    place: Path | None = None
    most: int | None = None


NEEDED = {"WIREYARD_PORT": "8080"}


def test_every_kind_of_value() -> None:
    settings = load(
        Sample,
        NEEDED
        | {
            "WIREYARD_RATIO": "0.25",
            "WIREYARD_VERBOSE": "TRUE",
            "WIREYARD_WORDS": " a, b ,,c",
            "WIREYARD_PLACE": "/tmp/x",
            "WIREYARD_MOST": "0",
            "WIREYARD_UNHEARD_OF": "ignored",
        },
    )
    assert (settings.role, settings.port, settings.ratio, settings.verbose) == ("sample", 8080, 0.25, True)
    assert (settings.words, settings.place, settings.most) == (("a", "b", "c"), Path("/tmp/x"), 0)


def test_defaults() -> None:
    settings = load(Sample, NEEDED)
    assert (settings.address, settings.control_port, settings.stop_within) == (("*",), None, 4.0)
    assert (settings.place, settings.most, settings.journal) == (None, None, True)


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("WIREYARD_PORT", "http", "'http' is not a whole number"),
        ("WIREYARD_PORT", "-1", "'-1' is not a whole number"),
        ("WIREYARD_PORT", "8٠", "is not a whole number"),
        ("WIREYARD_MOST", "1.5", "is not a whole number"),
        ("WIREYARD_RATIO", "fast", "'fast' is not a number"),
        ("WIREYARD_RATIO", "nan", "is not a finite number of zero or more"),
        ("WIREYARD_RATIO", "-2", "is not a finite number of zero or more"),
        ("WIREYARD_RATIO", "inf", "is not a finite number of zero or more"),
        ("WIREYARD_VERBOSE", "maybe", "'maybe' is none of 1, true, on, 0, false, off"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sample, NEEDED | {variable: text})
    assert caught.value.variable == variable
    assert str(caught.value).startswith(f"{variable}: ")
    assert problem in str(caught.value)


def test_a_missing_value_names_its_variable() -> None:
    with pytest.raises(SettingsError, match="WIREYARD_PORT: is not set and has no default"):
        load(Sample, {})
