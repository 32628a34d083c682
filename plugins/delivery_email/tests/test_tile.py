"""The tile on the first page: what came back is a warning that leads to its list."""

import pytest

from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.testing.contexts import Told, lonely_context
from billhook_delivery_email.tile import EmailTile


def told(*states: DeliveryState) -> Told:
    return Told(told=[DeliveryReport(remote_id=str(no), state=s) for no, s in enumerate(states)])


@pytest.mark.parametrize(
    ("states", "figures"),
    [
        ((), [("0", "plain"), ("0", "good"), ("0", "good")]),
        (
            (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.OPENED),
            [("3", "plain"), ("1", "warn"), ("0", "good")],
        ),
        ((DeliveryState.FAILED,), [("1", "plain"), ("0", "good"), ("1", "bad")]),
    ],
)
def test_counts_what_was_written_came_back_and_failed(states, figures):
    ctx = lonely_context("delivery_email", deliveries=told(*states))
    tile = EmailTile(ctx).show()
    assert [(one.value, one.tone) for one in tile.figures] == figures
    assert [one.address for one in tile.figures] == [
        "",
        "/outbox?state=bounced",
        "/outbox?state=failed",
    ]
