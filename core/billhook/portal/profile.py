"""The client's company as the vendor knows it, changed at once or after a yes; and each person's choices."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect
from werkzeug.wrappers import Response

from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import spoken
from billhook.language_names import language_name
from billhook.portal import addresses, visits
from billhook.portal.access import client, here
from billhook.portal.profile_forms import MAILS, DeliveryForm, OwnForm, ProfileForm
from billhook.portal.rendering import page
from billhook.services.customer_profiles import CustomerChanged
from billhook.services.portal import choices, clients
from billhook.services.portal import profile as profiles
from billhook.services.portal.profile import AskedMeanwhile, Saved
from billhook.services.profile_changes import ChangeDecided
from billhook.services.profile_fields import FIELDS, LABELS, lines, said

blueprint = Blueprint("profile", __name__)

Page = str | Response | tuple[str, int]


@blueprint.get("/profile", endpoint="show")
@client(clients.SEE)
def overview() -> str:
    """Show what the vendor knows of the client, and what waits."""
    found = here()
    return page(
        "portal/profile.html",
        title=_("Profile"),
        profile=profiles.show(found),
        delivery=choices.delivery(found),
        own=choices.own(found),
        fields=FIELDS,
        labels=LABELS,
        lines=lines,
        said=said,
        mails=MAILS,
        language_name=language_name,
        may_manage=found.may(clients.MANAGE) and found.may(clients.WRITE),
        form=ButtonForm(),
    )


@blueprint.get("/profile/edit")
@client(clients.MANAGE)
def edit() -> str:
    """Show the company's details as they can be changed."""
    return _edit_page(ProfileForm.of(profiles.show(here())))


@blueprint.post("/profile/edit")
@client(clients.MANAGE)
def save() -> Page:
    """Change them; what somebody saved meanwhile is shown, not lost."""
    form = ProfileForm.of(profiles.show(here()))
    if not form.validate():
        return _edit_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        saved = profiles.save(
            here(), form.typed(), version=form.read_version(), mark=form.mark.data or ""
        )
    except (CustomerChanged, AskedMeanwhile):
        return _met_another(form)
    except ValidationFailed as error:
        show(form, error.problems)
        return _edit_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_told(saved))
    return _overview()


@blueprint.post("/profile/changes/<uuid:change_id>/withdraw")
@client(clients.MANAGE)
def withdraw(change_id: UUID) -> Response:
    """Take back what waits."""
    try:
        profiles.withdraw(here(), change_id)
    except ChangeDecided as error:
        flash(error.message, "problem")
    else:
        flash(_("You took your change back. Everything stays as it is."))
    return _overview()


@blueprint.get("/profile/delivery")
@client(clients.MANAGE)
def delivery() -> str:
    """Show how documents come."""
    known = choices.delivery(here())
    return _delivery_page(DeliveryForm.of(known), known)


@blueprint.post("/profile/delivery")
@client(clients.MANAGE)
def save_delivery() -> Page:
    """Change how documents come."""
    known = choices.delivery(here())
    form = DeliveryForm.of(known)
    try:
        if form.validate():
            choices.choose_delivery(here(), form.typed())
            flash(_("Saved. Documents from now on come like this."))
            return _overview()
    except ValidationFailed as error:
        show(form, error.problems)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _delivery_page(form, known), HTTPStatus.CONFLICT
    return _delivery_page(form, known), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/profile/me")
@client(clients.WRITE)
def own() -> str:
    """Show what is the person's own."""
    return _own_page(OwnForm.of(_own()))


@blueprint.post("/profile/me")
@client(clients.WRITE)
def save_own() -> Page:
    """Change what is the person's own; the next page is in their language."""
    form = OwnForm.of(_own())
    try:
        if form.validate():
            choices.choose(here(), **form.typed(), mails=form.mails.data or [])
            visits.forget_language()
            with spoken(form.language.data or here().language):
                flash(_("Saved."))
            return _overview()
    except ValidationFailed as error:
        show(form, error.problems)
    return _own_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _own() -> choices.OwnChoices:
    """Return the person's choices. Raises NotFound for a member of the vendor who looks."""
    found = choices.own(here())
    if found is None:
        raise NotFound(_("contact"), "")
    return found


def _told(saved: Saved) -> str:
    if saved.waiting and saved.applied:
        return _("Saved. Some of it waits until we have looked at it; you see below what that is.")
    if saved.waiting:
        return _("Thank you. We look at your change, and tell you when it is taken over.")
    if saved.applied:
        return _("Saved. Documents from now on follow it; those that you have stay as they are.")
    return _("Nothing was changed.")


def _met_another(form: ProfileForm) -> tuple[str, int]:
    known = profiles.show(here())
    meanwhile = form.keep_typed(known)
    form.form_errors.append(
        _(
            "Somebody else saved this while you were typing. What you typed is still here. "
            "Compare it with what was saved, then save again."
        )
    )
    return _edit_page(form, meanwhile), HTTPStatus.CONFLICT


def _overview() -> Response:
    return redirect(addresses.at("profile.show"), HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def _edit_page(form: ProfileForm, meanwhile: list[tuple[str, str]] | None = None) -> str:
    return page(
        "portal/profile_edit.html",
        title=_("Change your company's details"),
        form=form,
        meanwhile=meanwhile or [],
        profile=profiles.show(here()),
        fields=FIELDS,
    )


def _delivery_page(form: DeliveryForm, known: choices.Delivery) -> str:
    return page(
        "portal/profile_delivery.html",
        title=_("How documents come to you"),
        form=form,
        delivery=known,
    )


def _own_page(form: OwnForm) -> str:
    return page("portal/profile_own.html", title=_("Your own choices"), form=form, own=_own())
