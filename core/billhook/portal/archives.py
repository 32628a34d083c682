"""All documents of a period as one ZIP: choose, see how much it is, download."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from billhook.downloads import attachment
from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.ids import parse_id
from billhook.portal.access import client, here
from billhook.portal.addresses import at
from billhook.portal.archive_forms import ArchiveForm
from billhook.portal.rendering import page
from billhook.portal.sending import Sending
from billhook.services.portal import archives, clients
from billhook.services.portal.archives import Archive, ArchiveWish, MakingState
from billhook.throttling import limiter

blueprint = Blueprint("archives", __name__, url_prefix="/archives")
sending = Sending()

PER_CLIENT = "10 per minute"
"""How often a client can have an archive sent, or PDFs made for one."""
PAUSE = 3
"""Seconds after which the page that waits asks again, by itself and without a script."""
FIELDS = ("period", "since", "until", "pdf", "xml")

Page = str | Response | tuple[str, int]


@blueprint.get("/")
@client(clients.SEE)
def choose() -> Page:
    """Let somebody choose a period, and say how much it is."""
    span = archives.span(here())
    if span is None:
        return page("portal/archives.html", title=_("Download all"), form=None)
    form = _form(span)
    wish = form.wish() if "period" in request.args else None
    if wish is None:
        return _page(form)
    try:
        plan = archives.plan(here(), wish)
    except ValidationFailed as error:
        show(form, error.problems)
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    state = _state()
    if state is MakingState.WAITING and plan.missing:
        return _waiting(form, plan)
    return _page(form, plan=plan, state=state)


@blueprint.post("/")
@client(clients.SEE)
def prepare() -> Page:
    """Have the PDFs made that are missing, and wait for them."""
    with limiter.limit(PER_CLIENT, key_func=_payer):
        job_id = archives.make_missing(here(), _wish())
    return redirect(at("archives.choose", **_asked(), job=str(job_id)), HTTPStatus.SEE_OTHER)


@blueprint.get("/documents.zip")
@client(clients.SEE)
def download() -> Response:
    """Send the archive. All is known of it before; what is sent needs no database."""
    with limiter.limit(PER_CLIENT, key_func=_payer):
        end = sending.begin(here().customer_id)
    try:
        found = archives.opened(here(), _wish())
    except BaseException:
        end()
        raise
    response = Response(_until_sent(found, end), mimetype="application/zip")
    response.call_on_close(end)  # also where nobody reads it
    response.content_length = found.size
    response.headers["Content-Disposition"] = attachment(found.name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _until_sent(archive: Archive, end: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from archive.pieces()
    finally:
        end()


def _payer() -> str:
    return f"archive {here().customer_id}"


def _form(span: tuple[Any, Any]) -> ArchiveForm:
    asked = MultiDict(request.args) if "period" in request.args else None
    form = ArchiveForm(formdata=asked, pdf=True)
    form.offer(*span)
    return form


def _wish() -> ArchiveWish:
    """Return what the address asks for. Raises NotFound for what no form can ask."""
    span = archives.span(here())
    wish = _form(span).wish() if span and "period" in request.args else None
    if wish is None:
        raise NotFound
    return wish


def _state() -> MakingState | None:
    job = request.args.get("job", "")
    return archives.making(here(), parse_id(job, _("job"))) if job else None


def _asked() -> dict[str, str]:
    return {name: request.args[name] for name in FIELDS if request.args.get(name)}


def _page(form: ArchiveForm, **known: object) -> str:
    return page(
        "portal/archives.html",
        title=_("Download all"),
        form=form,
        plan=known.get("plan"),
        state=known.get("state"),
        asked=_asked(),
        button=ButtonForm(),
        size=_size,
    )


def _waiting(form: ArchiveForm, plan: archives.ArchivePlan) -> Response:
    """Show how far the PDFs are; the browser asks again by itself."""
    response = Response(
        page(
            "portal/archives_waiting.html",
            title=_("Download all"),
            plan=plan,
            asked=_asked(),
            address=at("archives.choose", **_asked(), job=request.args["job"]),
        ),
        mimetype="text/html",
    )
    response.headers["Refresh"] = str(PAUSE)
    return response


def _size(size: int) -> str:
    """Write how large something is, as browsers do."""
    for unit, least in ((_("%(size)s GB"), 10**9), (_("%(size)s MB"), 10**6)):
        if size >= least:
            return unit % {"size": f"{size / least:.1f}"}
    return _("%(size)s kB", size=-(-size // 1000))
