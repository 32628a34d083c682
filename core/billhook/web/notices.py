"""What members are told: the page, the bell in the header, and that it was read."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import NotFound
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.services import notifications
from billhook.services.notifications import Notice, NoticeKind
from billhook.web import paging
from billhook.web.access import context, seated
from billhook.web.objects import address_of

blueprint = Blueprint("notices", __name__, url_prefix="/notices")

PAGE = 50


@blueprint.get("")
@seated
def listing() -> str:
    """List what the member was told, the newest first."""
    found = notifications.listing(context(), older_than=paging.key("after"), limit=PAGE + 1)
    return render_template(
        "notices/listing.html",
        notices_shown=[(one, sentence(one)) for one in found[:PAGE]],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
        form=ButtonForm(),
    )


@blueprint.get("/bell")
@seated
def bell() -> str:
    """Give the bell of the header as it is now."""
    return render_template("notices/bell.html", count=notifications.unread_count(context()))


@blueprint.get("/<uuid:notice_id>")
@seated
def follow(notice_id: UUID) -> Response:
    """Go to what a notice tells of, which is to have read it."""
    ctx = context()
    found = notifications.get(ctx, notice_id)
    if found is None:
        raise NotFound(_("message"), notice_id)
    notifications.mark_read(ctx, [notice_id])
    named = found.object_id or found.facts.get("plugin", "")
    address = address_of(found.object_kind, named) or url_for(".listing")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.post("/read")
@seated
def read_all() -> Response:
    """Mark all as read."""
    notifications.mark_all_read(context())
    flash(_("All messages are marked as read."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


def unread() -> int | None:
    """Return how many notices wait for the member whose request this is.

    None outside a company, and on pages that say what failed.
    """
    ctx = g.get("ctx")
    if ctx is None or g.get("has_failed"):
        return None
    return notifications.unread_count(ctx)


def sentence(notice: Notice) -> str:
    """Say what happened and what to do, in the reader's language."""
    facts = notice.facts
    match notice.kind:
        case NoticeKind.DELIVERY_FAILED if facts.get("state") == "bounced":
            return _(
                "%(number)s came back. Correct the address, then send it again.",
                number=facts["number"],
            )
        case NoticeKind.DELIVERY_FAILED:
            return _(
                "%(number)s did not reach everybody. See why, then send it again.",
                number=facts["number"],
            )
        case NoticeKind.RUN_FINISHED:
            return _run_finished(int(facts["documents"]), int(facts["parked"]))
        case NoticeKind.JOB_GIVEN_UP:
            return _(
                "A job named %(name)s was given up. See why, then try it again.",
                name=facts["name"],
            )
        case NoticeKind.PLUGIN_FAILING:
            return _(
                "The plugin “%(plugin)s” keeps failing. Check its settings, or switch it off.",
                plugin=facts["plugin"],
            )
        case NoticeKind.IMPORT_FINISHED:
            return _import_finished(facts["name"], facts.get("state", ""), int(facts["rows"]))
        case NoticeKind.QUESTION_ASKED if facts["kind"] == "dispute":
            return _("A client disputes %(number)s. See why, and answer.", number=facts["number"])
        case NoticeKind.QUESTION_ASKED:
            return _("A client asks about %(number)s. Answer them.", number=facts["number"])
        case NoticeKind.QUESTION_ANSWERED:
            return _("A client wrote about %(number)s. Answer them.", number=facts["number"])
        case NoticeKind.QUESTION_CLOSED:
            return _("%(number)s is settled, says the client.", number=facts["number"])
        case NoticeKind.QUESTION_ASSIGNED:
            return _("A question about %(number)s was given to you.", number=facts["number"])
        case NoticeKind.WEBHOOK_DISABLED if facts["reason"] == "gone":
            return _("A webhook said that it is gone, and is told nothing any more. Remove it.")
        case NoticeKind.WEBHOOK_DISABLED:
            return _(
                "A webhook has failed for five days, and is told nothing any more. Mend it, then "
                "resume it."
            )


def _run_finished(documents: int, parked: int) -> str:
    made = ngettext(
        "The bill run is done: %(count)s document.",
        "The bill run is done: %(count)s documents.",
        documents,
    )
    if not parked:
        return made
    waiting = ngettext(
        "%(count)s customer was set aside. See why.",
        "%(count)s customers were set aside. See why.",
        parked,
    )
    return f"{made} {waiting}"


def _import_finished(name: str, state: str, rows: int) -> str:
    if state == "failed":
        return _("“%(name)s” was not imported. See what to correct.", name=name)
    return ngettext(
        "“%(name)s” is imported: %(count)s row.",
        "“%(name)s” is imported: %(count)s rows.",
        rows,
        name=name,
    )
