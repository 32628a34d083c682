"""What channels learn later changes the delivery, once."""

import pytest

from billhook.domain.deliveries import (
    DeliveryReport,
    DeliveryState,
    Receipt,
    RecipientKind,
    state_of,
)
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.services import customers, delivering
from billhook.testing.outward import CHANNEL
from billhook.testing.shops import make_customer

from .conftest import jobs

ANN, BOB = "ann@client.example", "bob@client.example"
BOUNCED, OPENED, SENT = DeliveryState.BOUNCED, DeliveryState.OPENED, DeliveryState.SENT
FAILED, QUEUED = DeliveryState.FAILED, DeliveryState.QUEUED


def bounce(entry, address=ANN, **fields) -> DeliveryReport:
    return DeliveryReport(
        **{
            "remote_id": "",
            "delivery_id": entry.id,
            "state": BOUNCED,
            "address": address,
            "reason": "5.1.1 No such user",
            **fields,
        }
    )


def report(ctx, *news, channel=CHANNEL) -> list[bool]:
    return list(ctx.ports.deliveries.report(ctx, channel=channel, reports=news))


def only(ctx):
    (entry,) = delivering.listing(ctx)
    return entry


@pytest.fixture
def sent(shop, invoice, paper):
    """A delivery that was sent to Ann, with a copy to Bob."""
    make_customer(shop, "ann", email=ANN)
    customers.save_contact(shop, "ann", email=BOB, name="Bob", receives="cc")
    invoice()
    drain()
    return only(shop)


def test_a_bounce_reaches_a_person(shop, sent):
    assert report(shop, bounce(sent)) == [True]
    entry = only(shop)
    assert (entry.state, entry.last_error) == ("bounced", f"{ANN}: 5.1.1 No such user")
    assert delivering.listing(shop, state=BOUNCED) == [entry]
    assert len(jobs("delivery.failed")) == 1
    assert delivering.get(shop, entry.id).steps[-1].kind == "bounced"


def test_news_that_is_known_changes_nothing(shop, sent):
    report(shop, bounce(sent))
    steps = delivering.get(shop, sent.id).steps
    assert report(shop, bounce(sent), bounce(sent, reason="again")) == [True, True]
    assert delivering.get(shop, sent.id).steps == steps
    assert len(jobs("delivery.failed")) == 1


def test_a_copy_that_comes_back_is_told_and_the_invoice_stays_sent(shop, sent):
    report(shop, bounce(sent, BOB))
    assert only(shop).state == "sent"
    assert [one.id for one in delivering.listing(shop, state=BOUNCED)] == [sent.id]
    assert len(jobs("delivery.failed")) == 1


def test_a_bounce_of_nobody_we_wrote_to_changes_nothing(shop, sent):
    assert report(shop, bounce(sent, "eve@elsewhere.example")) == [True]
    assert only(shop) == sent


def test_what_is_not_ours_is_ignored(shop, sent):
    unknown = bounce(sent, delivery_id=new_id())
    unnamed = bounce(sent, delivery_id=None)
    assert report(shop, unknown, unnamed) == [False, False]
    assert report(shop, bounce(sent), channel="fax.service") == [False]
    assert only(shop) == sent


def test_a_delivery_is_found_by_the_name_that_the_other_side_gave_it(shop, sent):
    assert report(shop, bounce(sent, delivery_id=None, remote_id=f"{sent.id}@pigeon")) == [True]
    assert only(shop).state == "bounced"


def test_a_bounced_delivery_is_sent_again_to_whom_it_came_back_from(shop, sent, paper):
    report(shop, bounce(sent))
    delivering.retry(shop, sent.id)
    drain()
    assert paper.sent[-1].settled == {BOB}
    assert only(shop).state == "sent"


def test_a_bounce_settles_what_was_unknown(shop, invoice, paper):
    delivering.plan(shop, invoice())
    paper.after_committing.append(lambda: 1 / 0)
    drain()
    assert only(shop).is_unknown
    report(shop, bounce(only(shop)))
    assert (only(shop).state, only(shop).is_unknown) == ("bounced", False)


def test_what_was_opened_arrived(shop, sent):
    report(shop, bounce(sent, state=OPENED))
    assert only(shop).state == "opened"
    report(shop, bounce(sent))
    assert only(shop).state == "opened", "whoever read it has it"


def test_one_recipient_is_meant_whatever_the_bounce_calls_them(shop, invoice, paper):
    """Mail that was forwarded comes back under another address."""
    invoice()
    drain()
    report(shop, bounce(only(shop), "ann@new-employer.example"))
    assert only(shop).state == "bounced"


def test_a_receipt_after_a_bounce_does_not_hide_it(shop, invoice, paper):
    delivering.plan(shop, invoice())
    entry = only(shop)
    paper.receipts.append(Receipt(remote_id="1"))
    paper.after_committing.append(lambda: report(shop, bounce(entry)))
    drain()
    assert only(shop).state == "bounced"


@pytest.mark.parametrize(
    ("to", "cc", "state"),
    [
        ([SENT], [], SENT),
        ([SENT, FAILED], [], SENT),
        ([FAILED, BOUNCED], [], BOUNCED),
        ([FAILED], [SENT], FAILED),
        ([], [SENT, FAILED], SENT),
        ([SENT, QUEUED], [], QUEUED),
        ([SENT], [QUEUED], QUEUED),
        ([OPENED, BOUNCED], [], OPENED),
        ([], [], FAILED),
    ],
)
def test_a_delivery_is_what_its_recipients_are(to, cc, state):
    people = [(RecipientKind.TO, one) for one in to] + [(RecipientKind.CC, one) for one in cc]
    assert state_of(people) is state
