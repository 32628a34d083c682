"""Letters to clients: in their language and their vendor's face, by what the tenant sends memos with."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from billhook.db import db
from billhook.domain.deliveries import Memo
from billhook.errors import NotFound, Retryable
from billhook.i18n import lazy_gettext as _
from billhook.ids import new_id
from billhook.models.brands import BrandRow
from billhook.models.customers import Contact
from billhook.models.work import Outbox
from billhook.services.memos import Sent
from billhook.services.portal import letters
from billhook.services.portal.letters import Letter

LETTER = Letter(
    subject=_("Log in"),
    paragraphs=("Your question was\nanswered & <b>closed</b>.", "Thank you."),
    label=_("Password"),
    path="/questions/1",
)


def change(office, row, wanted, **values):
    with office.ctx.transaction() as session:
        session.execute(
            update(row).where(row.tenant_id == office.ctx.tenant.id, wanted).values(values)
        )


def queued(office) -> list[Outbox]:
    return list(db.session.scalars(select(Outbox).where(Outbox.name == letters.JOB)))


def test_a_letter_wears_the_brand_speaks_the_contacts_language_and_leads_to_the_portal(office):
    eve = office.kept.contacts["eve"]
    change(office, Contact, Contact.id == eve, language="de")
    change(
        office,
        BrandRow,
        BrandRow.is_default,
        name="Office & Co",
        theme="atelier",
        sender_name="Olga's office",
        sender_email="hello@office.example",
        reply_to="desk@office.example",
        legal_text="Office Ltd · London",
    )
    assert letters.send_now(office.ctx, eve, LETTER) == Sent(state="sent")
    (memo,) = office.paper.memos
    assert isinstance(memo, Memo)
    assert (memo.to, memo.name, memo.language) == ("eve@ann.example", "Eve Ann", "de")
    assert (memo.sender.email, memo.sender.reply_to) == (
        "hello@office.example",
        "desk@office.example",
    )
    address = "http://127.0.0.1:8000/portal/office/questions/1"
    message = memo.message
    assert message.subject == "Anmelden"
    assert f'href="{address}"' in message.html
    assert f"Passwort: {address}" in message.text
    assert "&lt;b&gt;closed&lt;/b&gt;" in message.html
    for text in ("Office Ltd · London", "Olga's office", "Mit freundlichen Grüßen"):
        assert text in message.text
    assert "Georgia" in message.html  # of the theme that the brand chose


def test_a_letter_in_the_queue_goes_once_by_its_key_and_again_where_the_channel_fails(office):
    eve = office.kept.contacts["eve"]
    with office.ctx.transaction():
        letters.queue(office.ctx, eve, LETTER, key="q1")
        letters.queue(office.ctx, eve, LETTER, key="q1")
    (job,) = queued(office)
    office.paper.errors.append(Retryable("later"))
    with pytest.raises(Retryable):
        letters.send_queued(office.ctx, job.payload)
    letters.send_queued(office.ctx, job.payload)
    assert [memo.message.subject for memo in office.paper.memos] == ["Log in"]


def test_nobody_writes_to_a_contact_who_is_gone_nor_from_a_sandbox(office):
    eve = office.kept.contacts["eve"]
    box = replace(office.ctx, tenant=replace(office.ctx.tenant, is_sandbox=True))
    assert letters.send_now(box, eve, LETTER) == Sent(state="not_sent")
    with office.ctx.transaction():
        letters.queue(office.ctx, eve, LETTER, key="q1")
    change(office, Contact, Contact.id == eve, is_active=False)
    (job,) = queued(office)
    letters.send_queued(office.ctx, job.payload)
    with office.ctx.transaction():
        letters.queue(office.ctx, eve, LETTER, key="q2")
    assert len(queued(office)) == 1
    for gone in (eve, new_id()):
        with pytest.raises(NotFound):
            letters.send_now(office.ctx, gone, LETTER)
    assert office.paper.memos == []


def test_what_the_channel_says_when_it_fails_is_told(office):
    office.paper.errors.append(Retryable("The loft is closed."))
    told = letters.send_now(office.ctx, office.kept.contacts["ed"], LETTER)
    assert told == Sent(state="not_sent", reason="The loft is closed.")
