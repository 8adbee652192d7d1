"""The one error tree of the lab.

LabError                 what went wrong, in one line that says what to do
├── TopologyError        compose.yaml (or an override) does not describe a yard
├── ContractError        a CONTRACT.md is malformed, or a feature is named that none lists
├── PortTakenError       another program holds a port that the yard publishes
├── MissingToolError     a program that is needed is not installed
├── EngineError          the Docker engine does not answer, or refuses
├── NotReadyError        a service did not answer in its protocol in time
├── SwapError            an implementation cannot be put in a role
└── CaptureError         packets cannot be captured here
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


class ContractError(LabError):
    """A contract's table is malformed, or nobody lists a feature that is named."""


class PortTakenError(LabError):
    """Another program holds a port that the yard publishes."""

    def __init__(self, service: str, where: str, holder: str, variable: str) -> None:
        super().__init__(f"{service}: {where} is taken by {holder}; stop that, or set {variable} in .env")


class MissingToolError(LabError):
    """A program that is needed is not installed."""

    def __init__(self, wanted_by: str, program: str, package: str) -> None:
        super().__init__(f"{wanted_by} needs {program}, which is not installed: apt install {package}")


class EngineError(LabError):
    """The Docker engine does not answer, or refuses."""


class NotReadyError(LabError):
    """A service did not answer in its protocol in time."""


class SwapError(LabError):
    """An implementation cannot be put in a role."""


class CaptureError(LabError):
    """Packets cannot be captured here."""
