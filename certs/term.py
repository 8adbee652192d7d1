"""How long things last, and when what ends is made anew: one rule for certificates, lists and staples."""

from datetime import UTC, datetime, timedelta

from certs.template import DAY

LIFE = 30 * DAY
"""Of a leaf, and of a list or a staple of the issuer of leaves, where nobody sets another."""
LIVES = range(5, 365 * 24 * 60 * 60 + 1)
"""What may be set instead, in seconds: long enough to renew in, and not as long as the intermediate's."""
ROOT_LIFE = 365 * DAY
"""Of what the root signs beside its intermediates: its key is brought out by `make up` alone."""
RENEW_WITHIN = DAY
"""What has less than this left is made anew; of a short life it is a third."""
NEVER = datetime.max.replace(tzinfo=UTC)


NEARLY_UP = "its time is nearly up"


def renewed_at(moment: datetime, ahead: timedelta) -> datetime:
    """When what is made `ahead` of `moment` is to be made anew."""
    return moment if moment == NEVER else moment - min(RENEW_WITHIN, ahead / 3)


def nearly_up(moment: datetime, ahead: timedelta) -> bool:
    """Whether it is time."""
    return renewed_at(moment, ahead) <= datetime.now(UTC)
