"""What the demo company's clients have at its portal.

Manon of Atelier Lumière manages; she has an invoice, a credit note of it, an answered question, a dispute, a question
that was asked at a link, and a wish that waits. Camille, her colleague, has a second factor, Jonas of another company
may see alone. Of Manon's other colleagues Nina has no access, Paul has an invitation, and Ruth a link to another
password.
"""

from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from billhook.cli.demo_tenants import PASSWORD
from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.questions import DisputeReason, QuestionKind
from billhook.domain.states import DocumentType, PortalRight
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import client_access, contacts, customers, document_links
from billhook.services import documents as staff_documents
from billhook.services.contacts import ContactInput
from billhook.services.portal import (
    clients,
    factors,
    guests,
    invitations,
    logging_in,
    one_time_links,
    password_resets,
    profile,
    questions,
    sessions,
)
from billhook.services.portal.clients import Client
from billhook.services.portal.one_time_links import Purpose
from billhook.services.portal.questions import NewQuestion
from billhook.services.questions import answering
from billhook.services.questions.attached import Upload

MANON, CAMILLE, JONAS = "manon@lumiere.example", "camille@lumiere.example", "jonas@elbe.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the addresses of pages are made of: ids, and the tokens of links."""

    invoice: UUID
    note: UUID
    question: UUID
    dispute: UUID
    asked_at_link: UUID
    colleague: UUID
    customer: UUID
    guest: str
    invitation: str
    reset: str
    recovery_codes: tuple[str, ...]


def let_in(ctx: Context) -> Known:
    """Give Manon, her colleagues and Camille what they have."""
    lyon = customers.get(ctx, "lyon").id
    papers = {one.type: one.id for one in staff_documents.listing(ctx, customer="lyon")}
    invoice = papers[DocumentType.INVOICE]
    guest = document_links.make(ctx, invoice).address.rpartition("/")[2]
    manon = _manager(ctx, lyon)
    asked = _ask(manon, invoice, QuestionKind.QUESTION, "Which month is this for?")
    answering.reply(ctx, asked, "For the last one:\nthe days stand beside each line.")
    at_link = guests.opened(ctx, guest)
    assert at_link is not None
    return Known(
        invoice=invoice,
        note=papers[DocumentType.CREDIT_NOTE],
        question=asked,
        dispute=_ask(manon, invoice, QuestionKind.DISPUTE, "The second day was never ordered."),
        asked_at_link=_ask(at_link, invoice, QuestionKind.QUESTION, "Who ordered this?"),
        colleague=_colleague(ctx, lyon, "nina@lumiere.example", "Nina Ferreira-Montgomery"),
        customer=lyon,
        guest=guest,
        invitation=_invited(ctx, _colleague(ctx, lyon, "paul@lumiere.example", "Paul Roux")),
        reset=_forgot(ctx, _colleague(ctx, lyon, "ruth@lumiere.example", "Ruth Roux")),
        recovery_codes=_secure(ctx),
    )


def _manager(ctx: Context, customer_id: UUID) -> Client:
    """Let Manon in, who wants the company's name changed."""
    contact_id = _colleague(ctx, customer_id, MANON, "Manon Lefèvre")
    invitations.accept(ctx, _invited(ctx, contact_id, *PortalRight), PASSWORD)
    found = clients.of_contact(ctx, contact_id)
    assert found is not None
    with found.ctx.acting():
        known = profile.show(found)
        wanted = {**known.wanted, "name": "Atelier Lumière et Associés SARL"}
        profile.save(found, wanted, version=known.version, mark=known.mark)
    return found


def _ask(client: Client, document_id: UUID, kind: QuestionKind, text: str) -> UUID:
    is_dispute = kind is QuestionKind.DISPUTE
    with client.ctx.acting():
        return questions.ask(
            client,
            NewQuestion(
                document_id=document_id,
                kind=kind,
                reason=DisputeReason.WRONG_AMOUNT if is_dispute else "",
                line_no=1 if is_dispute else None,
                text=text,
                uploads=[
                    Upload(name="Our own list of what was ordered.csv", content=b"day,hours\n")
                ],
            ),
        )


def _colleague(ctx: Context, customer_id: UUID, email: str, name: str) -> UUID:
    """Make known somebody who reads English, unlike their company."""
    contact_id = contacts.add(ctx, customer_id, ContactInput(name=name, email=email)).id
    with ctx.transaction() as session:
        whose = Contact.tenant_id == ctx.tenant.id, Contact.id == contact_id
        session.execute(update(Contact).where(*whose).values(language="en"))
    return contact_id


def _invited(ctx: Context, contact_id: UUID, *rights: PortalRight) -> str:
    wanted = rights or (PortalRight.SEE,)
    return client_access.invite(ctx, contact_id, wanted).path.rpartition("/")[2]


def _forgot(ctx: Context, contact_id: UUID) -> str:
    invitations.accept(ctx, _invited(ctx, contact_id), PASSWORD)
    contact = db.session.scalars(select(Contact).where(Contact.id == contact_id)).one()
    with ctx.transaction():
        return one_time_links.make(
            ctx, contact, Purpose.RESET, now=SystemClock().now(), holds=password_resets.HOLDS
        )


def _secure(ctx: Context) -> tuple[str, ...]:
    """Give Camille an app; return the codes that stand in for it."""
    client = sessions.resume(ctx, logging_in.log_in(ctx, CAMILLE, PASSWORD))
    assert client is not None
    with client.ctx.acting():
        app = pyotp.TOTP(factors.offer(client).secret)
        return tuple(factors.confirm(client, app.now()))
