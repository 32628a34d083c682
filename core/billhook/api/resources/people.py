"""People by the API: who works here, in which role, and whose customers they see."""

from uuid import UUID

from billhook.api.schemas.people import (
    InvitationAnswer,
    NewPerson,
    PeopleQuery,
    PersonAnswer,
    SeatChanges,
)
from billhook.domain.states import Reach
from billhook.sdk.api import Made, Page, Routes
from billhook.sdk.context import Context
from billhook.services import invitations, people
from billhook.services.invitations import Invitation
from billhook.services.people import MemberEntry

routes = Routes("people", "Who works here, and what each of them may do.")


@routes.get("/people", requires="people.view")
def list_people(ctx: Context, query: PeopleQuery) -> Page[PersonAnswer]:
    """List who works, worked or is invited here: all on one page, by name."""
    found = [PersonAnswer.of(one) for one in people.listing(ctx)]
    wanted = [
        one for one in found if query.state in (None, one.state) and query.role in ("", one.role)
    ]
    return Page(data=wanted, next=None)


@routes.post("/people", requires="people.manage")
def invite_person(ctx: Context, body: NewPerson, key: str | None) -> Made[InvitationAnswer]:
    """Offer somebody a seat, and mail them the link that takes it.

    Where it cannot be mailed, the answer has the link, to be passed on. Again for
    somebody who has not come yet, it makes a new link and ends the old one. A role that
    may do more than the key is not given: 403. Needs `people.view`, too.
    """
    ctx.require("people.view")
    made = invitations.invite(
        ctx,
        email=body.email,
        name=body.name,
        role=body.role,
        reach=body.scope,
        tags=body.scope_tags,
        key=key,
    )
    return Made(_invited(ctx, made), at=f"/people/{made.person_id}")


@routes.get("/people/<uuid:person_id>", requires="people.view")
def get_person(ctx: Context, person_id: UUID) -> PersonAnswer:
    """Get somebody who works, worked or is invited here."""
    return PersonAnswer.of(people.get(ctx, person_id))


@routes.patch("/people/<uuid:person_id>", requires="people.manage")
def change_person(ctx: Context, person_id: UUID, body: SeatChanges) -> PersonAnswer:
    """Give somebody another role or other customers, from their next request on.

    Nobody gives or takes what the key may not do itself: 403. The last administrator
    stays one: 409. Needs `people.view`, too.
    """
    known = people.get(ctx, person_id)
    role, scope, tags = _seat(known, body)
    people.change_seat(ctx, person_id, role=role, reach=scope, tags=tags)
    return PersonAnswer.of(people.get(ctx, person_id))


@routes.post("/people/<uuid:person_id>/invite", requires="people.manage")
def invite_person_again(ctx: Context, person_id: UUID, key: str | None) -> InvitationAnswer:
    """Make a new link for somebody who has not come, or comes back; the old one ends.

    Needs `people.view`, too.
    """
    known = people.get(ctx, person_id)
    made = invitations.invite(
        ctx,
        email=known.email,
        name=known.name,
        role=known.role,
        reach=known.reach,
        tags=known.tags,
        key=key,
    )
    return _invited(ctx, made)


@routes.post("/people/<uuid:person_id>/end-access", requires="people.manage")
def end_access(ctx: Context, person_id: UUID) -> None:
    """End somebody's access, or their invitation, at once.

    Who they are and what they did here stays. The last administrator stays: 409.
    """
    people.deactivate(ctx, person_id)


def _seat(known: MemberEntry, body: SeatChanges) -> tuple[str, Reach, list[str]]:
    return (
        known.role if body.role is None else body.role,
        known.reach if body.scope is None else body.scope,
        list(known.tags) if body.scope_tags is None else body.scope_tags,
    )


def _invited(ctx: Context, made: Invitation) -> InvitationAnswer:
    """Mail the link once; a repeat whose first was cut off shows it instead."""
    reason, is_mailed = "", False
    if not made.is_repeated:
        sent = invitations.mail(ctx, made)
        reason, is_mailed = sent.reason, sent.state == "sent"
    return InvitationAnswer(
        person=PersonAnswer.of(people.get(ctx, made.person_id)),
        expires_at=made.expires_at,
        is_mailed=is_mailed,
        link="" if is_mailed else made.link,
        reason=reason,
    )
