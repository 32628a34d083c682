"""Tax registrations: where the company charges tax, which of them hold on a day."""

from datetime import date, timedelta
from http import HTTPStatus
from uuid import UUID

from babel import Locale
from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from billhook import i18n
from billhook.domain.countries import COUNTRIES
from billhook.domain.tax import Registration
from billhook.errors import NotFound, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.services import registrations as service
from billhook.services.registrations import NewRegistration, RegistrationChange
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.settings.rooms import blueprint

SCHEMES = (
    ("", _("The usual one of the place")),
    ("vat", _("Value added tax")),
    ("gst", _("Goods and services tax")),
    ("oss", _("One Stop Shop of the EU")),
    ("ioss", _("Import One Stop Shop of the EU")),
    ("qst", _("Québec sales tax")),
    ("pst", _("Provincial sales tax")),
    ("sales_tax", _("Sales tax of a state")),
)


class RegistrationForm(FlaskForm):  # type: ignore[misc]
    """Number and days of a registration."""

    number = StringField(_("Number"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    valid_from = DateField(_("From"), validators=[Optional()])
    until = DateField(_("Last day"), validators=[Optional()])


class NewRegistrationForm(RegistrationForm):
    """A registration that is added, with its place."""

    place = SelectField(_("Country"), validate_choice=False)
    part = StringField(_("State or province"), render_kw={"maxlength": 3, "autocomplete": "off"})
    scheme = SelectField(_("Kind of tax"), validators=[Optional()])

    @classmethod
    def of(cls, country: str) -> "NewRegistrationForm":
        """Return the form, the company's own country chosen."""
        form = cls(place=country)
        names = Locale.parse(i18n.current_language(), sep="-").territories
        named = [(code, names.get(code, code)) for code in COUNTRIES]
        form.place.choices = sorted(named, key=lambda one: one[1])
        form.scheme.choices = [(key, str(word)) for key, word in SCHEMES]
        return form

    def wanted(self) -> NewRegistration:
        """Return what was typed."""
        part = (self.part.data or "").strip()
        return NewRegistration(
            place=f"{self.place.data or ''}-{part}" if part else self.place.data or "",
            scheme=self.scheme.data or "",
            number=self.number.data or "",
            valid_from=self.valid_from.data,
            until=self.until.data,
        )


@blueprint.get("/tax")
@requires("tenant.view")
def registrations() -> str:
    """List the registrations, and tell which of them hold on a day."""
    return _page(NewRegistrationForm.of(context().tenant.party.address.country))


@blueprint.post("/tax")
@requires("tenant.manage")
def add_registration() -> Response | tuple[str, int]:
    """Add a registration."""
    form = NewRegistrationForm.of(context().tenant.party.address.country)
    try:
        if form.validate():
            service.register(context(), form.wanted())
            flash(
                gettext("The registration was added. What it covers is taxed by it from now on.")
            )
            return redirect(url_for(".registrations"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/tax/<uuid:registration_id>")
@requires("tenant.manage")
def registration(registration_id: UUID) -> str:
    """Show a registration to change it."""
    known = _known(registration_id)
    form = RegistrationForm(
        number=known.number, valid_from=known.valid_from, until=last_day(known)
    )
    return render_template("settings/registration.html", known=known, form=form)


@blueprint.post("/tax/<uuid:registration_id>")
@requires("tenant.manage")
def change_registration(registration_id: UUID) -> Response | tuple[str, int]:
    """Change a registration's number and days; a last day ends it."""
    known, form = _known(registration_id), RegistrationForm()
    try:
        if form.validate():
            wanted = RegistrationChange(
                number=form.number.data or "",
                valid_from=form.valid_from.data,
                until=form.until.data,
            )
            service.change(context(), registration_id, wanted)
            flash(gettext("The registration was changed. What was issued stays as it is."))
            return redirect(url_for(".registrations"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    page = render_template("settings/registration.html", known=known, form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def last_day(known: Registration) -> date | None:
    """Return the last day on which a registration holds."""
    return known.valid_to - timedelta(days=1) if known.valid_to else None


def scheme_name(scheme: str) -> str:
    """Return how people call a kind of tax."""
    return str(dict(SCHEMES).get(scheme, scheme))


def _known(registration_id: UUID) -> Registration:
    for known in context().tenant.registrations:
        if known.id == registration_id:
            return known
    raise NotFound(gettext("tax registration"), registration_id)


def _page(form: NewRegistrationForm) -> str:
    ctx = context()
    on = paging.day("on") or ctx.today()
    known = sorted(
        ctx.tenant.registrations, key=lambda one: (one.country, one.subdivision, one.scheme)
    )
    return render_template(
        "settings/registrations.html",
        form=form,
        on=on,
        registrations=[(one, one.covers(on)) for one in known],
        places=sorted({(one.country, one.subdivision) for one in known if one.covers(on)}),
        last_day=last_day,
        scheme_name=scheme_name,
    )
