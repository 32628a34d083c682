"""The portal's settings as a form."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.services import portal_settings
from billhook.services.portal.settings import PortalSettings
from billhook.services.portal_settings import LONGEST_LINK_DAYS, PortalChange
from billhook.services.profile_fields import FIELDS
from billhook.web.access import context, requires
from billhook.web.portal.rooms import Page, blueprint
from billhook.web.settings.company_form import CheckboxesField
from billhook.web.versions import Meanwhile, VersionedForm, keep_typed


class PortalForm(VersionedForm):
    """Whether the portal is open, and how it treats clients."""

    is_open = BooleanField(_("Clients can use the portal"))
    message = TextAreaField(_("Message on the first page"), render_kw={"rows": 4})
    link_days = IntegerField(
        _("Days that links in mails work"),
        validators=[
            InputRequired(_("Write a whole number.")),
            NumberRange(
                min=1,
                max=LONGEST_LINK_DAYS,
                message=_("Let links work for 1 to 730 days."),
            ),
        ],
        render_kw={"min": 1, "max": LONGEST_LINK_DAYS},
    )
    approvals = CheckboxesField(_("Ask somebody here first"), validate_choice=False)

    @classmethod
    def of(cls, known: PortalSettings) -> "PortalForm":
        """Return the form filled with what holds now."""
        form = cls(data=_stored(known) | {"version": str(known.version)})
        form.approvals.choices = [(field.name, str(field.label)) for field in FIELDS]
        return form

    def change(self) -> PortalChange:
        """Return what was typed."""
        return PortalChange(
            is_open=bool(self.is_open.data),
            message=self.message.data or "",
            link_days=self.link_days.data,
            approvals=self.approvals.data or [],
        )


def _stored(known: PortalSettings) -> dict[str, object]:
    return {
        "is_open": known.is_open,
        "message": known.message,
        "link_days": known.link_days,
        "approvals": sorted(known.approvals),
    }


@blueprint.get("/change")
@requires("portal.manage")
def edit() -> str:
    """Show the settings as they stand."""
    return _page(PortalForm.of(portal_settings.get(context())))


@blueprint.post("/change")
@requires("portal.manage")
def save() -> Page:
    """Change the settings; what is wrong is told at its field."""
    ctx = context()
    form = PortalForm.of(portal_settings.get(ctx))
    meanwhile: list[Meanwhile] = []
    try:
        if form.validate():
            portal_settings.change(ctx, form.change(), version=form.read_version())
            flash(gettext("The portal's settings were saved. They hold from now on."))
            return redirect(url_for(".overview"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    except Conflict:
        known = portal_settings.get(ctx)
        meanwhile = keep_typed(form, _stored(known), known.version)
        return _page(form, meanwhile), HTTPStatus.CONFLICT
    return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(form: PortalForm, meanwhile: list[Meanwhile] | None = None) -> str:
    return render_template("client_portal/settings.html", form=form, meanwhile=meanwhile or [])
