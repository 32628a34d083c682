"""What receivers get: signed by the specification, whole, once written and never changed."""

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.webhooks.conftest import entries, happen, listen

from billhook.domain.webhooks import WebhookDeliveryState


def test_the_official_library_verifies_what_comes(ctx, one, send):
    made = listen(ctx, one)
    happen(ctx, "fax")
    send()
    (came,) = one.received
    told = Webhook(made.secret).verify(came.body, came.headers)
    assert told["type"] == "plugin.enabled"
    assert told["data"] == {"plugin": "fax", "url": "http://127.0.0.1:8000/api/v1/plugins/fax"}
    assert came.method == "POST"
    assert came.headers["content-type"] == "application/json"
    (entry,) = entries(ctx)
    assert entry.state == WebhookDeliveryState.DELIVERED
    assert came.headers["webhook-id"] == str(entry.message_id)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "body"])
def test_what_was_changed_on_the_way_does_not_verify(ctx, one, send, header):
    made = listen(ctx, one)
    happen(ctx)
    send()
    (came,) = one.received
    headers, body = dict(came.headers), came.body
    if header == "body":
        body = body.replace(b"fax", b"tax")
    else:
        headers[header] = headers[header][:-1] + ("1" if headers[header][-1] != "1" else "2")
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body, headers)
