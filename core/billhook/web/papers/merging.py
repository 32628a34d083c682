"""Merging drafts: what they have, what differs, what they come to together."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.services import merging
from billhook.services.merging import MOST, Merger
from billhook.web.access import context, requires
from billhook.web.objects import address_of

blueprint = Blueprint("merging", __name__, url_prefix="/drafts/merge")


@blueprint.get("")
@requires("drafts.edit")
def choose() -> str:
    """Show drafts, named by `draft` in the address, and what they would become together."""
    return _page(_ids(request.args.getlist("draft")), ())


@blueprint.post("")
@requires("drafts.edit")
def merge() -> Response | tuple[str, int]:
    """Make one draft of several."""
    ids = _ids(request.form.getlist("draft"))
    try:
        if ButtonForm().validate():
            made = merging.merge(context(), ids, key=request.form.get("key") or None)
            flash(_("The drafts are one now. Look it over, then issue it."))
            page = address_of("draft", made) or url_for("home.home")
            return redirect(page, HTTPStatus.SEE_OTHER)
        problems: Sequence[Problem] = ()
    except ValidationFailed as error:
        problems = error.problems
    except Conflict as error:
        problems = [Problem(code=error.code, message=error.message)]
    return _page(ids, problems), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(ids: Sequence[UUID], problems: Sequence[Problem]) -> str:
    merger, found = _previewed(ids)
    return render_template(
        "papers/merge.html",
        ids=ids,
        merger=merger,
        drafts=list(zip(merger.sources, merger.outcomes, strict=True)) if merger else [],
        problems=problems or found,
        key=str(new_id()),
        form=ButtonForm(),
        back=url_for("drafts.listing"),
    )


def _previewed(ids: Sequence[UUID]) -> tuple[Merger | None, Sequence[Problem]]:
    try:
        return merging.preview(context(), ids), ()
    except ValidationFailed as error:
        return None, error.problems
    except Conflict as error:
        return None, [Problem(code=error.code, message=error.message)]


def _ids(texts: Sequence[str]) -> list[UUID]:
    """Read ids; what is none names no draft."""
    found = []
    for text in texts[: MOST + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
