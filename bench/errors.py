"""The one error tree of the benchmarks.

BenchError
├── MissingProgram     a peer or a load tool is not installed; the row says so and goes on
├── MissingImage       there is no image to run a peer's container from; likewise
└── UnfairRow          a peer answers something else, or not at all; the row is void
"""


class BenchError(Exception):
    """What keeps a figure from being taken, in one line."""


class MissingProgram(BenchError):  # noqa: N818 - named for what is missing
    """A program is not installed; names it and its Debian package."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is not installed (Debian package {package})")


class MissingImage(BenchError):  # noqa: N818 - named for what is missing
    """There is no such image, as its build has failed; names it."""

    def __init__(self, image: str) -> None:
        super().__init__(f"there is no image {image}")


class UnfairRow(BenchError):  # noqa: N818 - named for what the row is
    """A peer failed, or did other work than the reference."""
