"""By hand: again, elsewhere, to somebody else; and once more what failed."""

import pytest

from billhook.domain.deliveries import Recipient, RecipientKind, Tone
from billhook.errors import (
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    NotFound,
    Rejected,
    ValidationFailed,
)
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.problems import Problem
from billhook.services import audit, crediting, customers, delivering, outbox, plugins
from billhook.services.customers import CustomerInput
from billhook.testing.members import join
from billhook.testing.outward import CHANNEL

from .conftest import let_all_be_due, of_now

BOSS = Recipient(address="boss@client.example", name="Boss")
COPY = Recipient(address="me@shop.example", kind=RecipientKind.CC)


def refuse(paper) -> None:
    paper.errors.append(Rejected([Problem(code="x", message="No such door.")]))


def test_a_document_is_sent_to_whom_a_person_says(shop, invoice, paper):
    document = invoice()
    drain()
    entry = delivering.send(shop, document, recipients=[BOSS, COPY])
    assert entry.state == "queued"
    drain()
    assert [one.address for one in paper.sent[-1].recipients] == [BOSS.address, COPY.address]
    assert [one.state for one in delivering.of_document(shop, document)] == ["sent"] * 2
    first, second = paper.sent
    assert first.files == second.files, "the very bytes of the first time"


def test_the_act_is_noted(shop, invoice, paper):
    document = invoice()
    ada = join("shop", "ada@shop.example")
    with ada.ctx.acting():
        entry = delivering.send(ada.ctx, document)
    (act,) = audit.listing(shop, action="delivery.made", object_id=str(entry.id))
    assert act.actor_id == ada.person_id


def test_a_key_sends_once(shop, invoice, paper):
    document = invoice()
    drain()
    first = delivering.send(shop, document, recipients=[BOSS], key="7")
    again = delivering.send(shop, document, recipients=[BOSS], key="7")
    drain()
    assert again.id == first.id
    assert delivering.send(shop, document, recipients=[BOSS], key="7").state == "sent"
    assert len(paper.sent) == 2
    with pytest.raises(IdempotencyMismatch):
        delivering.send(shop, document, recipients=[COPY], key="7")


def test_a_tone_of_ones_own_changes_the_words(shop, invoice, paper):
    document = invoice()
    delivering.send(shop, document, tone=Tone.FORMAL)
    delivering.send(shop, document, tone=Tone.FRIENDLY)
    drain()
    formal, friendly = (one.message.text for one in paper.sent[-2:])
    assert formal != friendly


def test_without_a_choice_it_is_the_only_channel_that_is_on(open_shop, invoice_of, paper):
    shop = open_shop(channels=())
    document = invoice_of(shop)
    with pytest.raises(ValidationFailed, match=r"delivery_email\.smtp, paper\.pigeon"):
        delivering.send(shop, document)
    plugins.disable(shop, "delivery_email")
    assert delivering.send(of_now(shop), document).channel == CHANNEL


def test_bad_addresses_are_refused_before_anything_is_made(shop, invoice, paper):
    document = invoice(email="")
    for bad in (
        [Recipient(address="nowhere")],
        [Recipient(address="a@b.example", kind=RecipientKind.BCC)],
        [Recipient(address=f"a{number}@b.example") for number in range(51)],
        [],
    ):
        with pytest.raises(ValidationFailed):
            delivering.send(shop, document, recipients=bad)
    assert delivering.listing(shop) == []


def test_a_void_document_is_not_sent(shop, invoice, paper):
    document = invoice()
    crediting.void(shop, document, reason="wrong")
    with pytest.raises(Conflict, match="void"):
        delivering.send(shop, document, recipients=[BOSS])


def test_what_is_not_there_is_not_sent(shop, paper):
    with pytest.raises(NotFound):
        delivering.send(shop, new_id())
    with pytest.raises(NotFound):
        delivering.retry(shop, new_id())


# Retry


def test_a_failed_delivery_is_tried_again(shop, invoice, paper):
    delivering.plan(shop, invoice())
    refuse(paper)
    drain()
    (entry,) = delivering.listing(shop)
    again = delivering.retry(shop, entry.id)
    assert (again.id, again.state, again.last_error) == (entry.id, "queued", "")
    drain()
    assert [one.state for one in delivering.listing(shop)] == ["sent"]
    assert len(paper.sent) == 1


def test_a_retry_finds_the_address_that_was_missing(shop, invoice, paper):
    invoice(email="")
    drain()
    (entry,) = delivering.listing(shop)
    with pytest.raises(ValidationFailed, match="Add one"):
        delivering.retry(shop, entry.id)
    customers.save(
        shop,
        CustomerInput(
            reference="ann", name="Ann", country="GB", currency="GBP", email="new@client.example"
        ),
    )
    delivering.retry(shop, entry.id)
    drain()
    assert [one.address for one in paper.sent[0].recipients] == ["new@client.example"]


def test_a_retry_of_what_waits_brings_it_forward(shop, invoice, paper):
    from billhook.errors import Retryable

    delivering.plan(shop, invoice())
    paper.errors.append(Retryable("Closed."))
    drain()
    (entry,) = delivering.listing(shop)
    delivering.retry(shop, entry.id)
    drain()
    assert len(paper.sent) == 1
    let_all_be_due(shop)
    drain()
    assert len(paper.sent) == 1


def test_what_was_sent_is_not_retried(shop, invoice, paper):
    invoice()
    drain()
    (entry,) = delivering.listing(shop)
    with pytest.raises(Conflict, match="billhook documents send"):
        delivering.retry(shop, entry.id)


def test_what_nobody_knows_is_sent_again_only_by_a_person_who_looked(shop, invoice, paper):
    delivering.plan(shop, invoice())
    paper.after_committing.append(lambda: 1 / 0)
    drain()
    assert delivering.retry_all(shop) == [], "not with the others"
    (entry,) = delivering.listing(shop)
    delivering.retry(shop, entry.id)
    drain()
    assert [one.state for one in delivering.listing(shop)] == ["sent"]


def test_all_that_failed_is_tried_again_at_once(shop, invoice, paper):
    documents = [invoice("ann"), invoice("bob"), invoice("eve", email="")]
    for document in documents:
        delivering.plan(shop, document)
    refuse(paper)
    refuse(paper)
    drain()
    assert len(delivering.retry_all(shop)) == 2, "one still lacks an address"
    drain()
    assert len(paper.sent) == 2


def test_a_dead_job_that_is_retried_sends_nothing_that_a_person_has_settled(shop, invoice, paper):
    from billhook import limits
    from billhook.errors import Retryable

    delivering.plan(shop, invoice())
    paper.errors += [Retryable("Closed.")] * limits.JOB_ATTEMPTS
    while drain().count:
        let_all_be_due(shop)
    (entry,) = delivering.listing(shop)
    delivering.retry(shop, entry.id)
    drain()
    (dead,) = outbox.listing(shop, state="dead")
    outbox.retry(shop, dead.id)
    drain()
    assert len(paper.sent) == 1


# Who may


def test_who_may_only_look_sends_nothing(shop, invoice, paper):
    document = invoice()
    eve = join("shop", "eve@shop.example", role="auditor").ctx
    drain()
    with eve.acting():
        (entry,) = delivering.listing(eve)
        with pytest.raises(Forbidden):
            delivering.send(eve, document)
        with pytest.raises(Forbidden):
            delivering.retry(eve, entry.id)


def test_a_trial_tells_each_step_and_is_refused_in_a_sandbox(open_shop):
    shop = open_shop()
    assert [step.what for step in delivering.trial(shop, "a@b.example").steps] == ["Fly"]
    with pytest.raises(ValidationFailed):
        delivering.trial(shop, "nowhere")


def test_a_sandbox_tries_nothing_out(open_shop):
    with pytest.raises(Conflict, match="sandbox"):
        delivering.trial(of_now(open_shop(is_sandbox=True)), "a@b.example")
