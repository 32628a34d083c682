"""The brand's form: filled from a brand, read into a change of it, with colours and accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from flask import request
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from billhook.domain.brands import BankAccount, Brand, LegalLink
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.plugins import portal_styles
from billhook.plugins.registries import RENDERERS
from billhook.plugins.runtime import relay, runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.brand_changes import LEGAL_TEXT, MOST_ACCOUNTS, MOST_LINKS, BrandInput
from billhook.services.brand_pictures import FAVICON_BYTES, LOGO_BYTES
from billhook.services.provider_names import provider_choices
from billhook.web.versions import VersionedForm

NEEDED = [InputRequired(_("This is needed. Fill it in."))]
COLOUR = "colour-"
"""What the names of inputs of colours begin with."""
TEXTS = ("name", "theme", "renderer", "sender_name", "sender_email", "reply_to", "website")
LARGEST_FORM = LOGO_BYTES + FAVICON_BYTES + 64 * 1024


class AccountForm(Form):  # type: ignore[misc]
    """One bank account; empty where there is none."""

    holder = StringField(_("Account holder"))
    iban = StringField(_("IBAN"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    bic = StringField(_("BIC"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    bank = StringField(_("Bank"))
    number = StringField(_("Number where the country has no IBAN"))
    currency = StringField(_("Only for this currency"), render_kw={"maxlength": 3})

    def account(self) -> BankAccount:
        """Return what was typed."""
        return BankAccount(**{one.name: self[one.name].data or "" for one in fields(BankAccount)})

    @property
    def is_empty(self) -> bool:
        return not any((field.data or "").strip() for field in self)

    @property
    def first(self) -> StringField:
        """The field at which stands what is wrong with the account as a whole."""
        return self.iban


class LinkForm(Form):  # type: ignore[misc]
    """One legal link; empty where there is none."""

    label = StringField(_("Label"))
    address = StringField(
        _("Leads to"),
        render_kw={"inputmode": "url", "spellcheck": "false", "placeholder": "https://"},
    )

    def link(self) -> LegalLink:
        """Return what was typed."""
        return LegalLink(label=self.label.data or "", address=self.address.data or "")

    @property
    def is_empty(self) -> bool:
        return not any((field.data or "").strip() for field in self)

    @property
    def first(self) -> StringField:
        """The field at which stands what is wrong with the link as a whole."""
        return self.address


class BrandForm(VersionedForm):
    """How a brand looks, and from whom its mails come."""

    code = StringField(_("Short name"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    name = StringField(_("Name"), validators=NEEDED)
    theme = RadioField(_("Theme"), validate_choice=False)
    renderer = SelectField(_("PDFs are made by"), validate_choice=False)
    logo = FileField(_("Logo"), render_kw={"accept": "image/png,image/jpeg"})
    drop_logo = BooleanField(_("Take the logo away"))
    font = SelectField(_("Typeface of the portal"), validate_choice=False)
    favicon = FileField(
        _("Icon in browser tabs"), render_kw={"accept": "image/png,image/x-icon,.ico"}
    )
    drop_favicon = BooleanField(_("Take the icon away"))
    legal_links = FieldList(FormField(LinkForm), max_entries=MOST_LINKS)
    sender_name = StringField(_("Mails come from"))
    sender_email = EmailField(_("Their address"))
    reply_to = EmailField(_("Answers go to"))
    website = StringField(_("Website"))
    legal_text = TextAreaField(
        _("Text in the foot of each page"), render_kw={"rows": 3, "maxlength": LEGAL_TEXT}
    )
    bank_accounts = FieldList(FormField(AccountForm), max_entries=MOST_ACCOUNTS)
    is_default = BooleanField(_("Customers see this brand unless they have another"))

    @classmethod
    def of(cls, ctx: Context, brand: Brand, **told: object) -> "BrandForm":
        """Return the form with a brand as it stands, and room for one account more."""
        form = cls(obj=_Filled(brand, ctx), **told)
        form.theme.choices = [
            (name, theme.info.title) for name, theme in runtime().themes.installed.items()
        ]
        known = relay(ctx).keys(RENDERERS)
        keys = tuple(dict.fromkeys([*known, brand.renderer]))
        form.renderer.choices = provider_choices(ctx, keys)
        form.font.choices = [("", gettext("The theme's own")), *_typefaces(form.theme.data or "")]
        _make_room(form.bank_accounts, MOST_ACCOUNTS)
        _make_room(form.legal_links, MOST_LINKS)
        return form

    def change(self, code: str) -> BrandInput:
        """Return what was typed as a change of a brand."""
        return BrandInput(
            code=code,
            **{name: self[name].data or "" for name in TEXTS},
            legal_text=self.legal_text.data or "",
            logo=_sent(self.logo, LOGO_BYTES, is_dropped=self.drop_logo.data),
            favicon=_sent(self.favicon, FAVICON_BYTES, is_dropped=self.drop_favicon.data),
            font=self.font.data or "",
            legal_links=tuple(form.link() for form in _filled(self.legal_links)),
            colours=self.colours(),
            bank_accounts=tuple(form.account() for form in _filled(self.bank_accounts)),
            is_default=True if self.is_default.data else None,
            version=self.read_version(),
        )

    def colours(self) -> dict[str, str]:
        """Return the colours that were typed, by name; empty for the theme's own."""
        known = runtime().themes.installed.get(self.theme.data or "")
        return {
            name: request.form.get(f"{COLOUR}{name}", "").strip()
            for name in (known.info.colours if known else {})
            if f"{COLOUR}{name}" in request.form
        }

    def show(self, problems: Sequence[Problem]) -> dict[str, str]:
        """Put each problem to its field or account; return those of colours, by name."""
        of_colours: dict[str, str] = {}
        for problem in problems:
            head, _dot, rest = problem.path.partition(".")
            if head == "colours":
                of_colours[rest] = problem.message
            elif head in ("bank_accounts", "legal_links") and rest:
                _show_in(self[head], rest, problem)
            else:
                field = self._fields.get(head)
                (field.errors if field else self.form_errors).append(problem.message)
        return of_colours


def _typefaces(theme: str) -> list[tuple[str, str]]:
    found = runtime().themes.installed.get(theme)
    return (
        [(name, one.title) for name, one in portal_styles.choices(found).items()] if found else []
    )


def _make_room(entries: FieldList, most: int) -> None:
    """Add a form to fill in, where there is none and room for it."""
    is_spare = any(one.form.is_empty for one in entries)
    if not is_spare and len(entries) < most:
        entries.append_entry()


def _filled(entries: FieldList) -> list[Any]:
    return [one.form for one in entries if not one.form.is_empty]


def _sent(field: FileField, most: int, *, is_dropped: bool) -> bytes | None:
    """Return the file that was chosen, or the beginning of one too large; empty to take it away."""
    sent = field.data
    if isinstance(sent, FileStorage) and sent.filename:
        sent.stream.seek(0)
        return sent.read(most + 1)
    return b"" if is_dropped else None


def _show_in(entries: FieldList, path: str, problem: Problem) -> None:
    """Put a problem to its form: their numbers leave the empty ones out."""
    place, _dot, name = path.partition(".")
    form = _filled(entries)[int(place)]
    field = form[name] if name else form.first
    field.errors = [*field.errors, problem.message]


class _Filled:
    """A brand as the form's fields ask for it. A sender that is the tenant's own is left out."""

    def __init__(self, brand: Brand, ctx: Context) -> None:
        own = ctx.tenant.party
        self.code, self.name, self.theme = brand.code, brand.name, brand.theme
        self.renderer, self.website = brand.renderer, brand.website
        self.sender_name = "" if brand.sender.name == own.name else brand.sender.name
        self.sender_email = "" if brand.sender.email == own.email else brand.sender.email
        self.reply_to, self.legal_text = brand.sender.reply_to, brand.legal_text
        self.bank_accounts, self.legal_links = brand.bank_accounts, brand.legal_links
        self.font = brand.font
        self.is_default, self.version = brand.is_default, brand.version


def stored(brand: Brand, ctx: Context) -> Mapping[str, object]:
    """Return what a brand holds by the names of the form's fields, to compare with."""
    filled = _Filled(brand, ctx)
    return {name: getattr(filled, name) for name in (*TEXTS, "legal_text", "font", "is_default")}
