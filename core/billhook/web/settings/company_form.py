"""The company's form: filled from its settings, read into a change of them."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from billhook.domain.addresses import custom
from billhook.domain.states import Supply, TaxRounding
from billhook.domain.time_zones import time_zones
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.language_names import language_choices
from billhook.sdk.context import Context
from billhook.services.company import CompanyChoices, CompanySettings, TenantChange
from billhook.services.preferences import NONE
from billhook.services.provider_names import provider_choices
from billhook.web.labels import label
from billhook.web.templates import money
from billhook.web.versions import VersionedForm

NEEDED = [InputRequired(_("This is needed. Fill it in."))]
LISTS = ("channels", "formats")
FLAGS = ("prices_include_tax",)
NUMBERS = ("cash_rounding", "payment_days", "retention_years")


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _whole(text: object) -> IntegerField:
    return IntegerField(
        text, validators=[InputRequired(_("Write a whole number."))], render_kw={"min": 0}
    )


class CompanyForm(VersionedForm):
    """What documents say about the company, and what holds for its billing."""

    name = StringField(_("Name on documents"), validators=NEEDED)
    street = StringField(_("Street and number"), render_kw={"autocomplete": "street-address"})
    extra = StringField(_("More lines of the address"))
    postal_code = StringField(_("Postal code"), render_kw={"autocomplete": "postal-code"})
    city = StringField(_("City"))
    subdivision = StringField(_("State or province"))
    legal_id = StringField(_("Company number"))
    legal_id_scheme = StringField(_("Its register (ISO 6523)"))
    electronic_address = StringField(_("Electronic address"))
    electronic_scheme = StringField(_("Its scheme (EAS)"))
    email = EmailField(_("E-mail address"))
    contact_name = StringField(_("Whom to ask"))
    phone = TelField(_("Telephone"))
    language = SelectField(_("Language"), validate_choice=False)
    time_zone = SelectField(_("Time zone"), validate_choice=False)
    supplies = SelectField(_("Sells mostly"), validate_choice=False)
    tax_engine = SelectField(_("Taxes are found by"), validate_choice=False)
    tax_rounding = SelectField(_("Tax is rounded"), validate_choice=False)
    prices_include_tax = BooleanField(_("Prices include tax"))
    cash_rounding = SelectField(_("What is to be paid is rounded"), coerce=int)
    payment_days = _whole(_("Days until payment is due"))
    retention_years = _whole(_("Years to keep documents whole"))
    places: tuple[str, ...] = ()
    """The fields below the street, in the country's order."""
    channels = CheckboxesField(_("Documents go out by"), validate_choice=False)
    formats = CheckboxesField(_("E-invoices in"), validate_choice=False, validators=[Optional()])

    @classmethod
    def of(cls, ctx: Context, known: CompanySettings, choices: CompanyChoices) -> "CompanyForm":
        """Return the form with the settings as they stand, and what can be chosen."""
        form = cls(obj=known)
        form.language.choices = language_choices(known.language)
        form.time_zone.choices = _zones(known.country)
        form.supplies.choices = [(one.value, label(one)) for one in Supply]
        form.tax_rounding.choices = [(one.value, label(one)) for one in TaxRounding]
        engines = _with(choices.tax_engines, (known.tax_engine,))
        nobody = ("", gettext("Nobody yet: nothing can be issued"))
        form.tax_engine.choices = [nobody, *provider_choices(ctx, engines)]
        form.call_places(known.country)
        form.cash_rounding.choices = _steps(known.cash_rounding, known.currency)
        form.channels.choices = provider_choices(ctx, _with(choices.channels, known.channels))
        form.formats.choices = provider_choices(ctx, _with(choices.formats, known.formats))
        return form

    def call_places(self, country: str) -> None:
        """Call postal code and subdivision as the country does."""
        known = custom(country)
        if known.postal:
            self.postal_code.label.text = label(known.postal)
        if known.subdivision:
            self.subdivision.label.text = label(known.subdivision)
        held = [name for name in ("postal_code", "subdivision") if self[name].data]
        self.places = tuple(dict.fromkeys([*known.fields, *held]))

    def change(self) -> TenantChange:
        """Return what was typed as a change. Keys of plugins that are off are left out."""
        texts = {
            name: self[name].data or ""
            for name in self._fields
            if name in TenantChange.__dataclass_fields__ and name not in (*LISTS, *FLAGS, *NUMBERS)
        }
        offered = {key for name in LISTS for key, _label in self[name].choices}
        lists = {
            name: ",".join(key for key in self[name].data or [] if key in offered) or NONE
            for name in LISTS
        }
        values: dict[str, Any] = {
            **texts,
            **lists,
            **{name: bool(self[name].data) for name in FLAGS},
            **{name: _number(self[name].data) for name in NUMBERS},
        }
        return TenantChange(**values)


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _with(keys: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """Add what is chosen although its plugin is off, so that it is seen and can be unchosen."""
    return tuple(dict.fromkeys([*keys, *(key for key in chosen if key)]))


def _steps(present: int, currency: str) -> list[tuple[int, str]]:
    """Return what cash is rounded to, in minor units; a step of one is no rounding."""
    steps = sorted({5, 10, 50, 100, *([present] if present > 1 else [])})
    exact = (0, gettext("Not at all"))
    return [
        exact,
        *(
            (
                step,
                gettext(
                    "To %(amount)s %(currency)s", amount=money(step, currency), currency=currency
                ),
            )
            for step in steps
        ),
    ]


def _zones(country: str) -> list[tuple[str, str]]:
    own = time_zones(country)
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone not in own)
    return [(zone, zone.replace("_", " ")) for zone in (*own, "UTC", *others)]
