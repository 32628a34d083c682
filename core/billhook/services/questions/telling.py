"""Who is told that something was said: finance of what clients say, clients of what finance says.

`tell` runs as a job after each event: it writes the notices, and queues a mail for each
reader, which says what it says when it goes. A tenant whose channels carry no mail, and a
sandbox, has notices alone.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.questions import QuestionKind, Side, ThreadAct
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext, spoken
from billhook.models.customers import Contact
from billhook.models.people import Person
from billhook.models.questions import Question, QuestionMessage
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import memos, merged, outbox
from billhook.services.notifications import NoticeKind, notify
from billhook.services.portal import letters, notices
from billhook.services.portal.letters import Letter
from billhook.services.portal.notices import ClientNoticeKind
from billhook.services.questions import tasks, threads
from billhook.services.questions.threads import QuestionEntry, Thread

MAIL = "questions.mail"
COMPANY = "company"
"""The reader of a mail that goes to the company's own address."""

_NOTICES = {
    "question.asked": NoticeKind.QUESTION_ASKED,
    "question.answered": NoticeKind.QUESTION_ANSWERED,
    "question.closed": NoticeKind.QUESTION_CLOSED,
    "question.reopened": NoticeKind.QUESTION_ANSWERED,
}


def tell(ctx: Context, event: str, payload: Mapping[str, Any]) -> None:
    """Tell the other side of what an event says, inside a transaction; safe to repeat."""
    row = db.session.scalar(select(Question).where(Question.id == UUID(payload["question_id"])))
    if row is None:
        return
    message_id = payload.get("message_id") or _first_message(row.id)
    if payload.get("side") == Side.COMPANY:
        _tell_client(ctx, row, event, message_id)
    else:
        _tell_company(ctx, row, event, message_id)


def _first_message(question_id: UUID) -> str:
    return str(
        db.session.scalars(
            select(QuestionMessage.id)
            .where(QuestionMessage.question_id == question_id)
            .order_by(QuestionMessage.id)
            .limit(1)
        ).one()
    )


def _tell_company(ctx: Context, row: Question, event: str, message_id: str) -> None:
    people = tasks.responsible(ctx, row)
    notify(
        ctx,
        people,
        _NOTICES[event],
        facts={"number": threads.number_of(row.document_id), "kind": row.kind},
        object_kind="question",
        object_id=row.id,
        key=f"{event}:{message_id}",
    )
    for reader in (*people, *_company(ctx, people)):
        outbox.enqueue(
            ctx,
            MAIL,
            {"question_id": str(row.id), "message_id": message_id, "reader": str(reader)},
            key=f"{MAIL}:{message_id}:{reader}",
        )


def _company(ctx: Context, people: Collection[UUID]) -> list[str]:
    """Return the reader that is the company's own address, unless it is that of one of the people."""
    email = ctx.tenant.party.email
    known = db.session.scalars(select(Person.email).where(Person.id.in_(people))).all()
    return [COMPANY] if email and email.lower() not in known else []


def _tell_client(ctx: Context, row: Question, event: str, message_id: str) -> None:
    number = threads.number_of(row.document_id)
    readers = _readers(row)
    is_closed = event == "question.closed"
    notices.tell(
        ctx,
        readers,
        ClientNoticeKind.QUESTION_CLOSED if is_closed else ClientNoticeKind.QUESTION_ANSWERED,
        facts={"number": number},
        object_kind="question",
        object_id=row.id,
        key=f"{event}:{message_id}",
    )
    letter = _closed(row, number) if is_closed else _answered(row, number)
    for contact_id in readers:
        letters.queue(ctx, contact_id, letter, key=f"{event}:{message_id}")


def _readers(row: Question) -> list[UUID]:
    """Return the contacts who took part and may enter; where there are none, all who may enter.

    So it is where somebody asked by a link, and where who asked is gone.
    """
    wrote = db.session.scalars(
        select(QuestionMessage.contact_id).where(
            QuestionMessage.question_id == row.id, QuestionMessage.contact_id.is_not(None)
        )
    )
    took_part = {one for one in (row.contact_id, *wrote) if one}
    contacts = db.session.execute(
        select(Contact.id, Contact.portal_rights).where(
            Contact.customer_id == merged.kept(row.customer_id), Contact.is_active
        )
    ).all()
    entering = {contact_id for contact_id, rights in contacts if rights}
    return sorted(took_part & entering or entering)


def _answered(row: Question, number: str) -> Letter:
    return Letter(
        subject=lazy_gettext("An answer about %(number)s", number=number),
        paragraphs=(
            lazy_gettext(
                "You asked us about %(number)s. We have answered: read it, and answer back if "
                "anything is left open.",
                number=number,
            ),
        ),
        label=lazy_gettext("Read the answer"),
        path=f"/questions/{row.id}",
    )


def _closed(row: Question, number: str) -> Letter:
    return Letter(
        subject=lazy_gettext("Your question about %(number)s is closed", number=number),
        paragraphs=(
            lazy_gettext(
                "You asked us about %(number)s. We have answered, and closed the question. If it is "
                "not settled for you, open it again.",
                number=number,
            ),
        ),
        label=lazy_gettext("Read the answer"),
        path=f"/questions/{row.id}",
    )


def mail(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Mail one reader what a client said, outside any transaction. Raises what the channel raises."""
    if not memos.can_send(ctx):
        return
    reader = _reader(ctx, payload["reader"])
    if reader is None:
        return
    to, name, language = reader
    thread = threads.found(Question.id == UUID(payload["question_id"]))
    said = next((one for one in thread.said if str(one.id) == payload["message_id"]), None)
    with spoken(language):
        subject = _subject(thread.entry)
        text = _text(thread, said.text if said else "", said.act if said else ThreadAct.SAID)
        memos.send(ctx, to=to, name=name, subject=subject, text=text)


def _reader(ctx: Context, reader: str) -> tuple[str, str, str] | None:
    """Return address, name and language; None where nobody is there to read."""
    if reader == COMPANY:
        return ctx.tenant.party.email, ctx.tenant.party.name, ctx.tenant.language
    row = db.session.get(Person, UUID(reader))
    return (row.email, row.name, row.language) if row else None


def _subject(entry: QuestionEntry) -> str:
    if entry.kind is QuestionKind.DISPUTE:
        return _(
            "%(customer)s disputes %(number)s", customer=entry.customer_name, number=entry.number
        )
    return _(
        "%(customer)s asks about %(number)s", customer=entry.customer_name, number=entry.number
    )


def _text(thread: Thread, said: str, act: ThreadAct) -> str:
    entry = thread.entry
    link = f"{runtime().config.base_url.rstrip('/')}/questions/{entry.id}"
    who = entry.asker or entry.customer_name
    match act:
        case ThreadAct.CLOSED:
            told = _("%(who)s says that it is settled.", who=who)
        case ThreadAct.REOPENED:
            told = _("%(who)s opened it again:", who=who)
        case ThreadAct.SAID:
            told = _("%(who)s writes:", who=who)
    answer = _("Read all of it and answer here:")
    return "\n\n".join(part for part in (told, said, f"{answer}\n{link}") if part)
