"""The one error tree of the kit.

KitError
├── SettingsError      an environment variable is missing or wrong
└── BindError          an address cannot be listened on
"""


class KitError(Exception):
    """What keeps a service from starting, in one line."""


class SettingsError(KitError):
    """An environment variable is missing or wrong; names the variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class BindError(KitError):
    """An address cannot be listened on; names address and port, or the path of a Unix socket (port None)."""

    def __init__(self, address: str, port: int | None, problem: str) -> None:
        where = address if port is None else f"{address} port {port}"
        super().__init__(f"cannot listen on {where}: {problem}")
