"""The forms by which clients change their company's details, how documents come, and their own choices."""

from collections.abc import Mapping, Sequence

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from billhook.domain.addresses import custom
from billhook.domain.countries import COUNTRIES
from billhook.domain.electronic_addresses import SCHEMES
from billhook.i18n import catalogues, gettext
from billhook.i18n import lazy_gettext as _
from billhook.language_names import language_choices, language_name
from billhook.services.portal.choices import Delivery, OwnChoices
from billhook.services.portal.notices import ClientNoticeKind
from billhook.services.portal.profile import Profile
from billhook.services.profile_fields import COLUMNS, LABELS, said

_CODE = {"autocapitalize": "none", "spellcheck": "false"}
CHOSEN = "own"

MAILS = {ClientNoticeKind.DOCUMENT_ISSUED: _("when there is a new invoice or credit note")}


class BoxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """All that a client says of its company."""

    name = StringField(LABELS["name"], render_kw={"autocomplete": "organization"})
    street = StringField(LABELS["street"], render_kw={"autocomplete": "address-line1"})
    extra = StringField(LABELS["extra"], render_kw={"autocomplete": "address-line2"})
    postal_code = StringField(LABELS["postal_code"], render_kw={"autocomplete": "postal-code"})
    city = StringField(LABELS["city"], render_kw={"autocomplete": "address-level2"})
    subdivision = StringField(
        LABELS["subdivision"], render_kw={"autocomplete": "address-level1", **_CODE}
    )
    country = SelectField(
        LABELS["country"], validate_choice=False, render_kw={"autocomplete": "country"}
    )
    tax_number = StringField(LABELS["tax_number"], render_kw=_CODE)
    legal_id = StringField(LABELS["legal_id"], render_kw=_CODE)
    legal_id_scheme = StringField(LABELS["legal_id_scheme"], render_kw=_CODE)
    email = EmailField(LABELS["email"], render_kw={"autocomplete": "email", **_CODE})
    phone = TelField(LABELS["phone"], render_kw={"autocomplete": "tel"})
    contact_name = StringField(LABELS["contact_name"], render_kw={"autocomplete": "off"})
    purchase_order = StringField(LABELS["purchase_order"], render_kw=_CODE)
    buyer_reference = StringField(LABELS["buyer_reference"], render_kw=_CODE)
    electronic_scheme = SelectField(LABELS["electronic_scheme"], validate_choice=False)
    electronic_address = StringField(LABELS["electronic_address"], render_kw=_CODE)
    language = SelectField(LABELS["language"], validate_choice=False)
    version = HiddenField()
    mark = HiddenField()

    @classmethod
    def of(cls, known: Profile) -> "ProfileForm":
        """Return the form as it was sent, else filled with what the client wants by now."""
        form = cls(**known.wanted, version=str(known.version), mark=known.mark)
        form._fill_choices(known.values["language"])
        return form

    def _fill_choices(self, language: str) -> None:
        named = sorted(((code, said("country", code)) for code in COUNTRIES), key=_by_name)
        self.country.choices = [("", "–"), *named]
        schemes = {code: f"{code} – {name}" for code, name in SCHEMES.items()}
        chosen = self.electronic_scheme.data or ""
        known = {chosen: chosen, **schemes} if chosen else schemes
        self.electronic_scheme.choices = [("", "–"), *known.items()]
        self.language.choices = language_choices(language, self.language.data or "")
        self.name.flags.required = self.country.flags.required = True
        country = custom(self.country.data or "")
        self.subdivision.flags.required = country.needs_subdivision or None

    def typed(self) -> dict[str, str]:
        """Return what was typed, by columns; a field that the page had not stays as it is stored."""
        return {column: self[column].data for column in COLUMNS if self[column].data is not None}

    def read_version(self) -> int:
        """Return the version that was changed; one that nobody has where it was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1

    def keep_typed(self, known: Profile) -> list[tuple[str, str]]:
        """Let the form be saved over what was saved meanwhile; return labels and values that differ."""
        self.version.data = self.version.raw_data = str(known.version)
        self.mark.data = self.mark.raw_data = known.mark
        return [
            (str(LABELS[column]), said(column, value))
            for column, value in known.wanted.items()
            if (self[column].data or "") != value
        ]


def _by_name(choice: tuple[str, str]) -> str:
    return choice[1]


class DeliveryForm(FlaskForm):  # type: ignore[misc]
    """By which channels documents come."""

    own = SelectField(_("How documents come to you"), validate_choice=False)
    channels = BoxesField(_("By these ways"), validate_choice=False)

    @classmethod
    def of(cls, known: Delivery) -> "DeliveryForm":
        """Return the form as it was sent, else as it was chosen."""
        form = cls(
            own=CHOSEN if known.chosen is not None else "",
            channels=list(known.usual if known.chosen is None else known.chosen),
        )
        form.own.choices = [
            ("", gettext("As is usual")),
            (CHOSEN, gettext("As chosen here; with no box ticked, you find them only here")),
        ]
        form.channels.choices = list(known.offered)
        return form

    def typed(self) -> list[str] | None:
        """Return the chosen channels; None for what is usual."""
        return list(self.channels.data or []) if self.own.data == CHOSEN else None


class OwnForm(FlaskForm):  # type: ignore[misc]
    """What a person chooses for themselves."""

    name = StringField(_("Your name"), render_kw={"autocomplete": "name"})
    phone = TelField(_("Your phone"), render_kw={"autocomplete": "tel"})
    language = SelectField(_("Language of these pages and of mails to you"), validate_choice=False)
    mails = BoxesField(_("Write to me"), validate_choice=False)

    @classmethod
    def of(cls, known: OwnChoices) -> "OwnForm":
        """Return the form as it was sent, else as it was chosen."""
        form = cls(
            name=known.name, phone=known.phone, language=known.language, mails=sorted(known.mails)
        )
        form.language.choices = _languages(known.language)
        form.mails.choices = [(kind.value, text) for kind, text in MAILS.items()]
        form.name.flags.required = True
        return form

    def typed(self) -> Mapping[str, str]:
        """Return the texts that were typed."""
        return {name: self[name].data or "" for name in ("name", "phone", "language")}


def _languages(chosen: str) -> Sequence[tuple[str, str]]:
    codes = dict.fromkeys([*catalogues(), *([chosen] if chosen else [])])
    return [("", gettext("As your company's")), *((code, language_name(code)) for code in codes)]
