"""Issued documents are announced to the people of their customers and payers, a batch at a time.

It happens after issuing, by a job for all documents of a transaction. Nobody is told of
a document that is void, nor of the one that voided it. Who chose to hear of documents
by mail, and is not sent the document itself, gets a letter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, or_, select

from billhook import limits
from billhook.db import db
from billhook.models.clients import ClientCredential
from billhook.models.customers import Contact
from billhook.models.documents import DocumentEvent, DocumentRow, DocumentSeal
from billhook.models.work import Outbox
from billhook.sdk.context import Context
from billhook.services import merged, outbox, preferences
from billhook.services.delivering import parcels
from billhook.services.portal import letters, notice_words, notices
from billhook.services.portal.notices import ClientNoticeKind, News
from billhook.services.sets import one_of

MAIL = "portal.mail_documents"
"""The job that writes to those who want mails about documents."""

KIND = ClientNoticeKind.DOCUMENT_ISSUED


class Issued(NamedTuple):
    """A document of which people are told."""

    id: UUID
    customer_id: UUID
    payer_id: UUID
    type: str
    number: str

    @property
    def facts(self) -> dict[str, str]:
        return {"number": self.number, "type": self.type}


class Person(NamedTuple):
    """A contact who may enter the portal."""

    id: UUID
    email: str
    wants_mail: bool


def has_readers(_ctx: Context) -> bool:
    """Tell whether anybody has an account at the tenant's portal."""
    return db.session.scalar(select(ClientCredential.contact_id).limit(1)) is not None


def announce(ctx: Context, batch_id: UUID) -> None:
    """Tell of all documents that one transaction issued, inside a transaction; nobody twice."""
    wants_mail = False
    for documents in _parts(batch_id):
        people = _people(documents)
        news = [
            _news(document, person)
            for document in documents
            for person in _readers(document, people)
        ]
        notices.tell_all(ctx, news)
        wants_mail = wants_mail or any(
            person.wants_mail for document in documents for person in _readers(document, people)
        )
    if wants_mail:
        outbox.enqueue(ctx, MAIL, {"batch_id": str(batch_id)}, key=f"{MAIL}:{batch_id}")


def mail(ctx: Context, batch_id: UUID) -> None:
    """Write to those who want mails and are not sent the document itself; safe to repeat.

    Raises PluginFailed where a channel cannot say whom it writes to.
    """
    for documents in _parts(batch_id):
        people = _people(documents)
        for document in documents:
            wanted = [one for one in _readers(document, people) if one.wants_mail]
            if wanted:
                _write(ctx, document, wanted)


def take_back(ctx: Context, document_ids: Collection[UUID]) -> None:
    """Take back what was told of documents that are void now, inside a transaction."""
    notices.withdraw(ctx, "document", document_ids)


def _write(ctx: Context, document: Issued, people: Sequence[Person]) -> None:
    sent_to = _addressees(ctx, document.customer_id)
    letter = notice_words.letter(
        KIND, document.facts, object_kind="document", object_id=document.id
    )
    with ctx.transaction():
        for person in people:
            if person.email.casefold() not in sent_to:
                letters.queue(ctx, person.id, letter, key=f"{KIND}:{document.id}")


def _addressees(ctx: Context, customer_id: UUID) -> set[str]:
    """Return to whom documents of a customer go by themselves."""
    return {
        recipient.address.casefold()
        for channel in preferences.of_customer(ctx, customer_id).channels
        for recipient in parcels.recipients(ctx, channel, customer_id)
    }


def _news(document: Issued, person: Person) -> News:
    return News(
        contact_id=person.id,
        kind=KIND,
        facts=document.facts,
        object_kind="document",
        object_id=document.id,
        key=f"{KIND}:{document.id}",
    )


def _readers(document: Issued, people: Mapping[UUID, Sequence[Person]]) -> list[Person]:
    """Return the people of customer and payer, each once."""
    found = [*people.get(document.customer_id, ()), *people.get(document.payer_id, ())]
    return list(dict.fromkeys(found))


def _parts(batch_id: UUID) -> Iterator[list[Issued]]:
    """Return the documents that were issued together and are not void, some at a time."""
    payloads = db.session.scalars(
        select(Outbox.payload)
        .where(Outbox.batch_id == batch_id, Outbox.name == "document.issued")
        .where(Outbox.kind == "event")
        .order_by(Outbox.id)
    ).all()
    ids = [UUID(one["document_id"]) for one in payloads]
    for start in range(0, len(ids), limits.PAGE_ROWS):
        yield _issued(ids[start : start + limits.PAGE_ROWS])


def _issued(document_ids: Sequence[UUID]) -> list[Issued]:
    is_void = exists().where(
        DocumentEvent.tenant_id == DocumentRow.tenant_id,
        or_(
            DocumentEvent.document_id == DocumentRow.id,
            DocumentEvent.related_id == DocumentRow.id,
        ),
        DocumentEvent.kind == "voided",
    )
    rows = db.session.execute(
        select(
            DocumentRow.id,
            DocumentRow.customer_id,
            DocumentRow.payer_id,
            DocumentRow.type,
            DocumentSeal.printed_number,
        )
        .join(
            DocumentSeal,
            (DocumentSeal.tenant_id == DocumentRow.tenant_id)
            & (DocumentSeal.document_id == DocumentRow.id),
        )
        .where(one_of(DocumentRow.id, document_ids), ~is_void)
        .order_by(DocumentRow.id)
    )
    return [Issued(*row) for row in rows]


def _people(documents: Sequence[Issued]) -> dict[UUID, list[Person]]:
    """Return who may enter the portal for each customer and payer, duplicates' people among them."""
    named = {one.customer_id for one in documents} | {one.payer_id for one in documents}
    kept = {place: found.customer_id for place, found in merged.places(named).items()}
    homes = {one: kept.get(one, one) for one in named}
    families = merged.families(set(homes.values()))
    rows = db.session.execute(
        select(Contact.id, Contact.customer_id, Contact.email, Contact.mails)
        .add_columns(Contact.portal_rights)
        .join(
            ClientCredential,
            (ClientCredential.tenant_id == Contact.tenant_id)
            & (ClientCredential.contact_id == Contact.id),
        )
        .where(one_of(Contact.customer_id, families), Contact.is_active)
    )
    found: dict[UUID, list[Person]] = defaultdict(list)
    for row in rows:
        if row.portal_rights:
            person = Person(id=row.id, email=row.email, wants_mail=KIND.value in row.mails)
            found[families[row.customer_id]].append(person)
    return {one: found[home] for one, home in homes.items()}
