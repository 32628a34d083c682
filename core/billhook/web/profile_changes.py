"""What clients want changed about themselves: compared with what is stored, taken over or refused."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from billhook import limits
from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import profile_changes as service
from billhook.services.customer_profiles import CustomerChanged
from billhook.services.profile_changes import ChangeDecided, ChangeState
from billhook.services.profile_fields import LABELS, said
from billhook.web import paging
from billhook.web.access import context, requires

blueprint = Blueprint("profile_changes", __name__, url_prefix="/client-changes")

Page = str | Response | tuple[str, int]

PAGE = 50


class DecideForm(FlaskForm):  # type: ignore[misc]
    """What is decided on, as it was compared; boxes of fields stand beside what they are of."""

    version = HiddenField()
    reason = StringField(
        lazy_gettext("Reason, where you refuse: the client reads it"),
        render_kw={"maxlength": limits.REASON, "autocomplete": "off"},
    )

    def read_version(self) -> int:
        """Return the version that was compared; one that nobody has where it was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


@blueprint.get("")
@requires("customers.view")
def listing() -> str:
    """List what waits, the oldest first; or what was decided."""
    state = paging.choice("state", ChangeState) or ChangeState.WAITING
    found = service.search(context(), state=state, after=paging.text("after"), limit=PAGE)
    return render_template(
        "profile_changes/listing.html",
        changes=found.rows,
        next=found.next,
        state=state,
        states=STATES,
    )


@blueprint.get("/<uuid:change_id>")
@requires("customers.view")
def change(change_id: UUID) -> str:
    """Show what a client wants, beside what it was and what is stored now."""
    known = service.get(context(), change_id)
    return _page(change_id, DecideForm(version=str(known.version)))


@blueprint.post("/<uuid:change_id>/approve")
@requires("customers.edit")
def approve(change_id: UUID) -> Page:
    """Take over what is ticked."""
    form = DecideForm()
    try:
        if form.validate():
            done = service.approve(
                context(), change_id, fields=_ticked(), version=form.read_version()
            )
            flash(
                _(
                    "Taken over. Documents from now on follow it; those that were issued stay as "
                    "they are."
                )
            )
            return _on(done.customer_id, change_id)
    except ValidationFailed as error:
        form.form_errors.extend(one.message for one in error.problems)
    except CustomerChanged as error:
        form.form_errors.append(error.message)
        known = service.get(context(), change_id)
        form.version.data = form.version.raw_data = str(known.version)
        return _page(change_id, form), HTTPStatus.CONFLICT
    except ChangeDecided as error:
        return _too_late(error, change_id)
    return _page(change_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/<uuid:change_id>/refuse")
@requires("customers.edit")
def refuse(change_id: UUID) -> Page:
    """Say no to what is ticked, and why."""
    form = DecideForm()
    try:
        if form.validate():
            done = service.refuse(
                context(), change_id, reason=form.reason.data or "", fields=_ticked()
            )
            flash(_("Refused. Whoever asked gets your reason."))
            return _on(done.customer_id, change_id)
    except ValidationFailed as error:
        show(form, error.problems)
    except ChangeDecided as error:
        return _too_late(error, change_id)
    return _page(change_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


STATES = {
    ChangeState.WAITING: lazy_gettext("Waits"),
    ChangeState.APPROVED: lazy_gettext("Taken over"),
    ChangeState.REFUSED: lazy_gettext("Refused"),
    ChangeState.WITHDRAWN: lazy_gettext("Taken back by the client"),
}


def _ticked() -> list[str]:
    return request.form.getlist("fields")


def _on(customer_id: UUID, change_id: UUID) -> Response:
    """Go on with what still waits of the change, else to the customer."""
    if service.get(context(), change_id).state is ChangeState.WAITING:
        return redirect(url_for(".change", change_id=change_id), HTTPStatus.SEE_OTHER)
    address = url_for("customers.customer", customer_id=customer_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _too_late(error: ChangeDecided, change_id: UUID) -> Response:
    flash(error.message, "problem")
    return redirect(url_for(".change", change_id=change_id), HTTPStatus.SEE_OTHER)


def _page(change_id: UUID, form: DecideForm) -> str:
    known = service.get(context(), change_id)
    ticked = set(_ticked()) if request.method == "POST" else {one.name for one in known.fields}
    return render_template(
        "profile_changes/change.html",
        change=known,
        form=form,
        ticked=ticked,
        labels=LABELS,
        said=said,
        states=STATES,
    )
