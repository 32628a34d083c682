"""The pages of drafts: the list, the editor with its totals, the PDF beside it, and what asks."""

from http import HTTPStatus
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from billhook import downloads
from billhook.bounds import takes
from billhook.domain.publications import FileContent
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.ids import new_id
from billhook.services import draft_editing, drafting, previewing
from billhook.services.draft_editing import finding
from billhook.web import confirming, headers, paging
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.drafts import editing, issue, listing
from billhook.web.drafts.editing import Editing, Sent
from billhook.web.drafts.typing import typed
from billhook.web.list_routes import add_list

FRAMED = headers.policy(frame_ancestors=headers.SELF)
FRAMED_PDF = headers.policy(
    frame_ancestors=headers.SELF,
    style_src="'unsafe-inline'",  # of the browser's own page around the PDF
)

_FILES = 12 * 1024 * 1024
_INPUTS = 8_000  # of the longest form

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")

add_list(blueprint, listing.PAGE)
issue.add_to(blueprint)


@blueprint.get("/new")
@requires("drafts.edit")
def new() -> Response:
    """Begin a draft, for a customer where the address names one."""
    begun = draft_editing.blank(context(), customer=paging.text("customer"))
    return editing.page(Editing(open=begun, given=begun.given, key=str(new_id())))


@blueprint.post("/new")
@requires("drafts.edit")
@takes(body=_FILES, fields=_INPUTS)
def create() -> Answer:
    """Save a draft for the first time, or show the form with a line more or less."""
    return editing.answer(None, Sent.of(request))


@blueprint.get("/<uuid:draft_id>")
@requires("drafts.view")
def editor(draft_id: UUID) -> Response:
    """Show a draft as it can be typed over."""
    opened = draft_editing.opened(context(), draft_id)
    return editing.page(Editing(open=opened, given=opened.given))


@blueprint.post("/<uuid:draft_id>")
@requires("drafts.edit")
@takes(body=_FILES, fields=_INPUTS)
def save(draft_id: UUID) -> Answer:
    """Save a draft, and do what the button says beside."""
    return editing.answer(draft_id, Sent.of(request))


@blueprint.post("/totals")
@requires("drafts.edit")
@takes(body=_FILES, fields=_INPUTS)
def new_totals() -> str:
    """Total what is typed of a draft that was never saved."""
    return _totals(None)


@blueprint.post("/<uuid:draft_id>/totals")
@requires("drafts.edit")
@takes(body=_FILES, fields=_INPUTS)
def totals(draft_id: UUID) -> str:
    """Total what is typed."""
    return _totals(draft_id)


def _totals(draft_id: UUID | None) -> str:
    given = typed(request.form)
    found = draft_editing.totals(context(), given, draft_id=draft_id)
    return render_template(
        "drafts/totals.html",
        totals=found,
        problems=editing.worth_telling(found.problems),
        lines=len(given.lines),
    )


@blueprint.get("/<uuid:draft_id>/preview")
@requires("drafts.view")
def preview(draft_id: UUID) -> Response:
    """Render a draft as it would be issued today, for the frame beside it. Nothing is kept."""
    try:
        made = previewing.preview(context(), draft_id)
    except ValidationFailed as error:
        page = render_template("drafts/no_preview.html", problems=error.problems)
        answer = make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        answer.headers["Content-Security-Policy"] = FRAMED
    else:
        file = FileContent(name=made.name, content_type=made.content_type, content=made.content)
        answer = make_response(downloads.passing(file))
        answer.headers["Content-Security-Policy"] = FRAMED_PDF
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@blueprint.get("/<uuid:draft_id>/discard")
@requires("drafts.edit")
def ask_to_discard(draft_id: UUID) -> str:
    """Ask before a draft is given up."""
    opened = draft_editing.opened(context(), draft_id)
    charged = opened.charged_lines
    details = [
        ngettext(
            "%(count)s line bills a charge, which waits for the next bill then.",
            "%(count)s lines bill charges, which wait for the next bill then.",
            charged,
        )
    ]
    return confirming.ask(
        Question(
            title=_("Discard the draft for %(customer)s?", customer=opened.customer.name),
            text=_("It cannot be opened again."),
            details=details if charged else (),
            label=_("Discard the draft"),
            act=url_for(".discard", draft_id=draft_id),
            back=url_for(".editor", draft_id=draft_id),
            tone="danger",
        )
    )


@blueprint.post("/<uuid:draft_id>/discard")
@requires("drafts.edit")
def discard(draft_id: UUID) -> Answer:
    """Give a draft up."""
    drafting.discard(context(), draft_id)
    flash(_("The draft was discarded. What it charged waits for the next bill."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


@blueprint.get("/find-customer")
@requires("drafts.edit")
def find_customer() -> dict[str, object]:
    """Answer what a picker of customers offers for the text `q`."""
    found = finding.find_customers(context(), paging.text("q"))
    return {
        "options": [
            {
                "value": one.reference,
                "label": one.name,
                "hint": " · ".join(
                    part for part in (one.reference, one.city, one.country) if part
                ),
            }
            for one in found
        ]
    }


@blueprint.get("/find-product")
@requires("drafts.edit")
def find_product() -> dict[str, object]:
    """Answer what a picker of products offers for the text `q`, with a customer's prices."""
    found = finding.find_products(
        context(),
        paging.text("q"),
        customer=paging.text("customer"),
        currency=paging.text("currency"),
    )
    return {
        "options": [
            {
                "value": one.sku,
                "label": one.name,
                "hint": one.sku
                if one.price is None
                else f"{one.sku} · {editing.price(one.price)}",
                "fills": {"description": one.name, "unit": one.unit},
            }
            for one in found
        ]
    }
