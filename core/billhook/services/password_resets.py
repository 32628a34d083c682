"""Another password for who lost theirs: a link by mail, once, for an hour.

Whoever asks learns nothing: `ask` answers nothing, and the edge calls it after it
answered. The mail goes out by a job of a company where the person works; the link
is made when it goes, so that no queue ever holds it.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.i18n import gettext as _
from billhook.i18n import language
from billhook.models.people import Credential, Person, Seat
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import audit, invitations, memos, outbox
from billhook.services.contexts import context_of

JOB = "person.mail_reset"
HOLDS = timedelta(hours=1)
BETWEEN = timedelta(minutes=5)
"""How long a person gets no second mail."""


def ask(email: str, *, clock: Clock | None = None) -> None:
    """Let a mail go to a person of that address, if there is one whose company sends mail."""
    now = (clock or SystemClock()).now()
    address = email.strip().lower()[: limits.EMAIL]
    person_id = db.session.scalar(
        select(Person.id)
        .join(Credential, Credential.person_id == Person.id)
        .where(Person.email == address)
    )
    if person_id is None:
        return
    slot = int(now.timestamp() // BETWEEN.total_seconds())
    for ctx in _companies(person_id):
        with ctx.acting():
            if not memos.can_send(ctx):
                continue
            with ctx.transaction():
                outbox.enqueue(
                    ctx, JOB, {"person_id": str(person_id)}, key=f"{JOB}:{person_id}:{slot}"
                )
        return


def _companies(person_id: UUID) -> list[Context]:
    seats = db.session.scalars(
        select(Seat.tenant_id).where(Seat.person_id == person_id).order_by(Seat.tenant_id)
    ).all()
    return [context_of(tenant_id, Actor(kind=ActorKind.SYSTEM)) for tenant_id in seats]


def send(ctx: Context, person_id: UUID, *, clock: Clock | None = None) -> None:
    """Make the link and mail it. Raises what the channel raises; a later try makes a new link."""
    person = db.session.get(Person, person_id)
    if person is None:
        return
    now = (clock or SystemClock()).now()
    with ctx.transaction():
        link = invitations.reset_link(person_id, now, HOLDS)
        audit.record(ctx, "person.reset_mailed", "person", person_id)
    with language(person.language):
        memos.send(
            ctx,
            to=person.email,
            name=person.name,
            subject=_("Choose another password for Billhook"),
            text=_(
                "Somebody asked for another password for %(email)s. If it was you, open this link "
                "within an hour and choose one:\n\n%(link)s\n\nIf it was not you, there is "
                "nothing to do: your password stays as it is.",
                email=person.email,
                link=link.link,
            ),
        )
