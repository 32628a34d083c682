"""Who did what, when: the audit log, narrowed and exported."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, render_template, url_for

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import ActorKind, Context
from billhook.services import acts
from billhook.services.acts import ActFilter, FoundAct
from billhook.services.paging import Slice
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list
from billhook.web.lists import Choice, Column, Filter, FilterKind, Kind, ListPage, ListQuery
from billhook.web.objects import address_of, kinds, word_for

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

ID_LENGTH = 36


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[FoundAct]:
    wanted = ActFilter(
        text=query.text,
        object_kind=query.value("kind"),
        actor_id=paging.key("person"),
        since=paging.day("since"),
        until=paging.day("until"),
    )
    return acts.search(ctx, wanted, after=after, limit=limit)


def _people(ctx: Context) -> Sequence[Choice]:
    return [Choice(str(person_id), name) for person_id, name in acts.people(ctx)]


def _kinds(_ctx: Context) -> Sequence[Choice]:
    known = {str(place.label): kind for kind, place in kinds().items()}
    return [Choice(kind, word) for word, kind in sorted(known.items())]


def who(act: FoundAct) -> str:
    """Name who acted."""
    if act.actor and act.actor_kind == ActorKind.CLIENT:
        return gettext("%(name)s, a client", name=act.actor)
    if act.actor:
        return act.actor
    if act.actor_kind == ActorKind.SYSTEM:
        return gettext("Billhook itself")
    if act.actor_kind == ActorKind.OPERATOR:
        return gettext("The operator")
    if act.actor_kind == ActorKind.GUEST:
        return gettext("Somebody with the link of a mail")
    return gettext("Somebody who is gone")


def _what(act: FoundAct) -> str:
    """Name the thing; of an id the end is shown, which tells ids apart."""
    if act.object or len(act.object_id) != ID_LENGTH:
        return act.object or act.object_id
    return f"…{act.object_id[-12:]}"


PAGE = ListPage(
    name="audit",
    title=_("Audit"),
    permission="audit.view",
    search=_("Number, reference, id or act"),
    columns=(
        Column(
            key="happened_at",
            label=_("When"),
            kind=Kind.INSTANT,
            value=lambda act: act.happened_at,
            href=lambda act: url_for("audit.act", act_id=act.id),
        ),
        Column(key="who", label=_("Who"), value=who),
        Column(key="action", label=_("Act"), kind=Kind.CODE, value=lambda act: act.action),
        Column(key="kind", label=_("Of"), value=lambda act: word_for(act.object_kind)),
        Column(
            key="object",
            label=_("Which"),
            value=_what,
            href=lambda act: address_of(act.object_kind, act.object_id),
            is_title=True,
        ),
        Column(key="address", label=_("From"), kind=Kind.CODE, value=lambda act: act.address),
        Column(
            key="details",
            label=_("Details"),
            value=lambda act: ", ".join(f"{key}: {value}" for key, value in act.details.items()),
            is_extra=True,
        ),
        Column(
            key="object_id",
            label=_("Id"),
            kind=Kind.CODE,
            value=lambda act: act.object_id,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="person", label=_("Who"), kind=FilterKind.CHOICE, choices=_people),
        Filter(key="kind", label=_("Of"), kind=FilterKind.CHOICE, choices=_kinds),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
    ),
    fetch=_fetch,
    identify=lambda act: act.id,
)
add_list(blueprint, PAGE)


@blueprint.get("/<uuid:act_id>")
@requires("audit.view")
def act(act_id: UUID) -> str:
    """Show an act with all that was noted, and what else was done to the same thing."""
    view = acts.get(context(), act_id)
    return render_template(
        "audit/act.html",
        view=view,
        act=view.act,
        who=who,
        of=word_for(view.act.object_kind),
        address=address_of(view.act.object_kind, view.act.object_id),
    )
