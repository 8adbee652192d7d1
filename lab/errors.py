"""The one error tree of the lab.

LabError
└── TopologyError      compose.yaml (or an override) does not describe a yard
"""


class LabError(Exception):
    """What went wrong, in one line that says what to do."""


class TopologyError(LabError):
    """A file of the topology is wrong; names the file, the service and the field."""

    def __init__(self, source: str, service: str, field: str, problem: str) -> None:
        super().__init__(f"{source}: service {service!r}, {field}: {problem}")
        self.source = source
        self.service = service
        self.field = field
