"""The `h2` library, taught to go on after GOAWAY, as RFC 9113 6.8 wants."""

from __future__ import annotations

from collections.abc import Mapping

from h2.config import H2Configuration
from h2.connection import ConnectionInputs, ConnectionState, H2Connection, H2ConnectionStateMachine
from h2.settings import SettingCodes, Settings

_OPEN = ConnectionState.CLIENT_OPEN


class _Lasting(H2ConnectionStateMachine):
    """GOAWAY, sent or received, leaves the session open for the streams that it has."""

    def __init__(self) -> None:
        super().__init__()
        self._transitions = {
            **H2ConnectionStateMachine._transitions,
            (_OPEN, ConnectionInputs.RECV_GOAWAY): (None, _OPEN),
            (_OPEN, ConnectionInputs.SEND_GOAWAY): (None, _OPEN),
        }


class Engine(H2Connection):
    """A client's side, with `settings` of its own in its preface. Not `strict`, it sends what none may."""

    def __init__(self, settings: Mapping[int, int], *, strict: bool = True) -> None:
        super().__init__(
            H2Configuration(
                client_side=True,
                header_encoding=None,
                validate_outbound_headers=strict,
                normalize_outbound_headers=strict,
            )
        )
        self.state_machine = _Lasting()
        values = {SettingCodes(setting): value for setting, value in self.local_settings.items()}
        values |= {SettingCodes(setting): value for setting, value in settings.items()}
        self.local_settings = Settings(client=True, initial_values=values)

    def clear_outbound_data_buffer(self) -> None:
        """Keep what is to be sent: the library empties it on GOAWAY."""
