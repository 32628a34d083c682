"""The forms of the customers' room."""

from collections.abc import Sequence
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)

from billhook.domain.addresses import custom
from billhook.domain.countries import COUNTRIES
from billhook.domain.deliveries import RecipientKind, Tone
from billhook.domain.electronic_addresses import SCHEMES
from billhook.domain.states import Consolidation
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.language_names import language_choices
from billhook.money import MINOR_DIGITS
from billhook.sdk.context import Context
from billhook.services import customer_tags
from billhook.services.contacts import ContactInput
from billhook.services.customer_batches import CustomerInput
from billhook.services.customers import ContactEntry, CustomerEntry
from billhook.web.labels import label
from billhook.web.settings.company_form import CheckboxesField
from billhook.web.templates import country
from billhook.web.versions import VersionedForm

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_CODE = {**_PLAIN, "autocapitalize": "none"}


class CustomerForm(VersionedForm):
    """A customer as a person enters and changes it."""

    reference = StringField(_("Reference"), render_kw=_CODE)
    name = StringField(_("Name"), render_kw=_PLAIN)
    country = SelectField(_("Country"), validate_choice=False)
    street = StringField(_("Street and number"), render_kw=_PLAIN)
    extra = StringField(_("Second line"), render_kw=_PLAIN)
    postal_code = StringField(_("Postal code"), render_kw=_CODE)
    city = StringField(_("City"), render_kw=_PLAIN)
    subdivision = StringField(_("Region"), render_kw=_CODE)
    email = EmailField(_("E-mail address"), render_kw=_CODE)
    phone = StringField(_("Phone"), render_kw={**_CODE, "type": "tel"})
    contact_name = StringField(_("Contact person"), render_kw=_PLAIN)
    tax_number = StringField(_("Tax number"), render_kw=_CODE)
    legal_id = StringField(_("Number in the trade register"), render_kw=_CODE)
    legal_id_scheme = StringField(_("Its scheme"), render_kw=_CODE)
    electronic_scheme = SelectField(_("Scheme of the electronic address"), validate_choice=False)
    electronic_address = StringField(_("Electronic address"), render_kw=_CODE)
    payer = StringField(_("Who pays"), render_kw={**_CODE, "list": "payers-found"})
    currency = SelectField(_("Currency"), validate_choice=False)
    payment_days = StringField(
        _("Days until payment is due"), render_kw={**_PLAIN, "inputmode": "numeric"}
    )
    consolidation = SelectField(_("Charges become"), validate_choice=False)
    purchase_order = StringField(_("Order number"), render_kw=_CODE)
    buyer_reference = StringField(_("Buyer reference"), render_kw=_CODE)
    language = SelectField(_("Language of documents"), validate_choice=False)
    time_zone = StringField(_("Time zone"), render_kw={**_CODE, "list": "zones"})
    tags = StringField(_("Tags"), render_kw={**_CODE, "list": "tags-known"})
    owner = SelectField(_("Owner"), validate_choice=False)
    is_active = BooleanField(_("Active: new charges can be billed"))

    @classmethod
    def of(cls, ctx: Context, known: CustomerEntry | None = None) -> "CustomerForm":
        """Return the form as it was sent, else filled with what is stored."""
        form = cls(**(_stored(known) if known else _new(ctx)))
        form._fill_choices(ctx)
        form.call_places()
        return form

    def _fill_choices(self, ctx: Context) -> None:
        named = sorted(((code, country(code)) for code in COUNTRIES), key=lambda one: one[1])
        self.country.choices = [("", "–"), *named]
        self.currency.choices = [(code, code) for code in sorted(MINOR_DIGITS)]
        self.consolidation.choices = [(rule.value, label(rule)) for rule in Consolidation]
        self.language.choices = language_choices(self.language.data or "", ctx.tenant.language)
        schemes = {code: f"{code} – {name}" for code, name in SCHEMES.items()}
        chosen = self.electronic_scheme.data or ""
        self.electronic_scheme.choices = [
            ("", "–"),
            *({chosen: chosen, **schemes} if chosen else schemes).items(),
        ]
        self.owner.choices = [
            ("", gettext("Nobody")),
            *((str(one.id), one.name) for one in customer_tags.owners(ctx)),
        ]

    def call_places(self) -> None:
        """Call postal code and subdivision as the country does."""
        known = custom(self.country.data or "")
        if known.postal:
            self.postal_code.label.text = label(known.postal)
        if known.subdivision:
            self.subdivision.label.text = label(known.subdivision)
        self.subdivision.flags.required = known.needs_subdivision or None

    @property
    def places(self) -> list[str]:
        """Name the fields below the street in the country's order, with those that hold something."""
        wanted = list(custom(self.country.data or "").fields)
        held = [name for name in ("postal_code", "subdivision") if self[name].data]
        return [*wanted, *(name for name in held if name not in wanted)]

    def typed(self, own: dict[str, str]) -> CustomerInput:
        """Return what was typed; a field that the page had not stays as it is stored."""
        plain = {
            name: self[name].data
            for name in CustomerInput.__dataclass_fields__
            if name not in ("is_active", "fields")
        }
        plain["reference"] = plain["reference"] or ""
        return CustomerInput(**plain, is_active="yes" if self.is_active.data else "no", fields=own)

    def typed_tags(self) -> list[str]:
        """Return the tags, which commas separate."""
        return [tag.strip() for tag in (self.tags.data or "").split(",") if tag.strip()]


def _new(ctx: Context) -> dict[str, object]:
    return {
        "version": "1",
        "country": ctx.tenant.party.address.country,
        "currency": ctx.tenant.currency,
        "language": ctx.tenant.language,
        "time_zone": ctx.tenant.time_zone,
        "consolidation": Consolidation.PER_RUN.value,
        "is_active": True,
    }


def stored(known: CustomerEntry) -> dict[str, object]:
    """Return a customer's values under the names of the form's fields."""
    values = {
        name: getattr(known, name)
        for name in CustomerInput.__dataclass_fields__
        if name not in ("owner", "fields")
    }
    tags = customer_tags.of_customers([known.id]).get(known.id, ())
    return {
        **values,
        "consolidation": known.consolidation.value,
        "payment_days": "" if known.payment_days is None else str(known.payment_days),
        "owner": str(known.owner_id or ""),
        "tags": ", ".join(tags),
    }


def _stored(known: CustomerEntry) -> dict[str, object]:
    return {**stored(known), "version": str(known.version)}


def zones() -> list[str]:
    """Return the names of the time zones that people use."""
    return sorted(name for name in available_timezones() if "/" in name and "Etc" not in name)


class ContactForm(FlaskForm):  # type: ignore[misc]
    """A customer's person."""

    name = StringField(_("Name"), render_kw=_PLAIN)
    email = EmailField(_("E-mail address"), render_kw=_CODE)
    phone = StringField(_("Phone"), render_kw={**_CODE, "type": "tel"})
    receives = SelectField(_("Documents"), validate_choice=False)
    is_active = BooleanField(_("Active"), default=True)

    @classmethod
    def of(cls, known: ContactEntry | None = None) -> "ContactForm":
        """Return the form as it was sent, else filled with what is stored."""
        form = (
            cls(
                name=known.name,
                email=known.email,
                phone=known.phone,
                receives=known.receives.value if known.receives else "",
                is_active=known.is_active,
            )
            if known
            else cls()
        )
        form.receives.choices = [
            ("", gettext("Do not go to them")),
            *((kind.value, label(kind)) for kind in RecipientKind),
        ]
        return form

    def typed(self) -> ContactInput:
        """Return what was typed."""
        return ContactInput(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            receives=self.receives.data or "",
            is_active=bool(self.is_active.data),
        )


class NoteForm(FlaskForm):  # type: ignore[misc]
    """What colleagues should know."""

    text = TextAreaField(_("New note"), render_kw={"rows": "3"})


class PreferencesForm(FlaskForm):  # type: ignore[misc]
    """How a customer wants documents; each question has “as usual” as an answer."""

    brand = SelectField(_("Brand"), validate_choice=False)
    tone = SelectField(_("Tone of mails"), validate_choice=False)
    own_channels = SelectField(_("Documents go out"), validate_choice=False)
    channels = CheckboxesField(_("By these channels"), validate_choice=False)
    own_formats = SelectField(_("E-invoices go along"), validate_choice=False)
    formats = CheckboxesField(_("In these formats"), validate_choice=False)

    def choose(
        self,
        *,
        brands: Sequence[tuple[str, str]],
        channels: Sequence[tuple[str, str]],
        formats: Sequence[tuple[str, str]],
    ) -> None:
        """Offer what there is to choose from."""
        self.brand.choices = [("", gettext("The default brand")), *brands]
        usual = gettext("As for every customer")
        self.tone.choices = [("", usual), *((tone.value, label(tone)) for tone in Tone)]
        self.own_channels.choices = [
            ("", usual),
            ("own", gettext("As chosen here; with no box ticked, only by hand")),
        ]
        self.own_formats.choices = [
            ("", usual),
            ("own", gettext("As chosen here; with no box ticked, none")),
        ]
        self.channels.choices, self.formats.choices = list(channels), list(formats)


class ProductForm(FlaskForm):  # type: ignore[misc]
    """Which product a price is agreed for."""

    sku = StringField(_("Product's SKU"), render_kw={**_CODE, "list": "products-found"})


class EndForm(FlaskForm):  # type: ignore[misc]
    """The last day of an agreement."""

    last_day = StringField(_("Last day"), render_kw={"type": "date"})


class MergeForm(FlaskForm):  # type: ignore[misc]
    """Both versions as they were compared."""

    duplicate_version = HiddenField()
    kept_version = HiddenField()

    def versions(self) -> tuple[int, int]:
        """Return the two versions; ones that nobody has where they were tampered with."""
        return _number(self.duplicate_version.data), _number(self.kept_version.data)


def _number(text: str | None) -> int:
    given = text or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else -1
