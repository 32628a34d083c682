"""Exchange rates: listed by currency, entered by hand."""

from decimal import Decimal
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, StringField
from wtforms.validators import InputRequired

from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.money import plain
from billhook.services import fx
from billhook.services.fields import Fields
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.settings.rooms import blueprint

SHOWN = 200
NEEDED = [InputRequired(_("This is needed. Fill it in."))]


class RateForm(FlaskForm):  # type: ignore[misc]
    """A rate of a day."""

    currency = StringField(
        _("Currency"),
        validators=NEEDED,
        render_kw={"maxlength": 3, "autocomplete": "off", "autocapitalize": "characters"},
    )
    rate = StringField(
        _("One unit is worth"),
        validators=NEEDED,
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    on = DateField(_("Day"), validators=NEEDED)


@blueprint.get("/rates")
@requires("fx_rates.view")
def rates() -> str:
    """List exchange rates, and offer to enter one."""
    return _page(RateForm(on=context().today()))


@blueprint.post("/rates")
@requires("fx_rates.edit")
def set_rate() -> Response | tuple[str, int]:
    """Enter the rate of a day, in place of one that somebody entered before."""
    form = RateForm()
    try:
        if form.validate():
            kept = fx.set_rate(
                context(), form.currency.data, _rate(form.rate.data), on=form.on.data
            )
            flash(
                gettext(
                    "From %(day)s on, 1 %(currency)s is %(rate)s %(base)s.",
                    day=kept.on.isoformat(),
                    currency=kept.currency,
                    rate=plain(kept.rate),
                    base=context().tenant.currency,
                )
            )
            return redirect(url_for(".rates"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _rate(text: str) -> Decimal:
    """Read a rate; nothing is taken for zero, which is refused. Raises ValidationFailed."""
    read = Fields()
    found = read.number("rate", text.replace(",", "."), decimals=fx.DECIMALS)
    if read.problems:
        raise ValidationFailed(read.problems)
    return found or Decimal(0)


def _page(form: RateForm) -> str:
    currency = paging.text("currency")[:3]
    return render_template(
        "settings/rates.html",
        form=form,
        currency=currency,
        rates=fx.listing(context(), currency=currency or None, limit=SHOWN),
        most=SHOWN,
        manual=fx.MANUAL,
    )
