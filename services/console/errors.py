"""The one error tree of the console.

ConsoleError
├── UnknownAction      the page asked for something that is not in the catalogue
└── NoJournal          a service keeps no journal that could be read
"""


class ConsoleError(Exception):
    """What the page is told went wrong, in one line."""


class UnknownAction(ConsoleError):  # noqa: N818 - named for what was asked
    """There is no such action, or a parameter of it is wrong."""


class NoJournal(ConsoleError):  # noqa: N818 - named for what is missing
    """The service does not exist, keeps no journal, or does not answer."""
