"""A portal in a brand that is not saved: a page that loads nothing, with made-up contents."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale
from markupsafe import Markup

from billhook.domain.document_view import Field
from billhook.domain.portal_view import PortalLink, PortalView
from billhook.i18n import current_language
from billhook.i18n import gettext as _
from billhook.plugins import portal_styles
from billhook.plugins.theming import Theme
from billhook.plugins.typefaces import bundled
from billhook.sdk.context import Context
from billhook.services.design_previews import Design
from billhook.services.portal import appearance

_LATIN = "-latin-wght-"
"""In the names of the files that a preview carries; of other writings it shows others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a sample page says, and where in the portal it would be."""

    title: str
    content: Markup
    room: str = ""
    """The kind of its place in the navigation; empty for the way in."""


def page(ctx: Context, design: Design, sample: Sample) -> str:
    """Return a page of a design's portal, with style, typeface and logo in it.

    Raises PluginFailed where even the default theme fails.
    """
    brand = design.brand
    theme = appearance.theme(brand)
    look = theme.portal_look(brand, design.pictures)
    style = portal_styles.written(theme, look, brand.font, _address(theme, brand.font))
    view = PortalView(
        language=current_language(),
        direction="rtl" if _is_rtl() else "ltr",
        title=sample.title,
        company=brand.name or ctx.tenant.party.name,
        home="#",
        stylesheet=f"data:text/css;charset=utf-8;base64,{b64encode(style.encode()).decode()}",
        icon="",
        logo=_logo(design),
        content=sample.content,
        account=_account() if sample.room else Markup(),
        navigation=tuple(_rooms(sample.room)) if sample.room else (),
        legal=tuple(PortalLink(label=one.label, address="#") for one in brand.legal_links),
        footer=tuple(line for line in brand.legal_text.split("\n") if line),
        contact=tuple(_contact(ctx)),
        skip=_("Skip to the content"),
        navigation_label=_("Pages"),
        is_entrance=not sample.room,
    )
    return appearance.framed(view, theme, look)


def _address(theme: Theme, font: str) -> portal_styles.Address:
    """Carry what the sheet shows in it; the rest of a typeface's files is left out."""
    shown = {
        file
        for name, one in bundled().items()
        if name == font or one.family in theme.portal_style
        for file in one.files
        if _LATIN in file
    }

    def address(path: str, content: bytes) -> str:
        place, _slash, name = path.partition("/")
        is_carried = place == "theme" or name in shown
        return portal_styles.inline(path, content) if is_carried else "data:,"

    return address


def _logo(design: Design) -> str:
    for name, content in design.pictures.items():
        return portal_styles.inline(name, content)
    return ""


def _rooms(current: str) -> Sequence[PortalLink]:
    rooms = {
        "home": _("Overview"),
        "documents": _("Documents"),
        "statement": _("Statement"),
        "questions": _("Questions"),
        "profile": _("Profile"),
    }
    return [
        PortalLink(label=label, address="#", is_current=kind == current, kind=kind)
        for kind, label in rooms.items()
    ]


def _account() -> Markup:
    return Markup('<span class="account-name">{}</span>').format(_("Sample client"))


def _contact(ctx: Context) -> Sequence[Field]:
    found = ((_("E-mail"), ctx.tenant.party.email), (_("Phone"), ctx.tenant.party.phone))
    return [Field(label=label, value=value) for label, value in found if value]


def _is_rtl() -> bool:
    return bool(Locale.parse(current_language(), sep="-").text_direction == "rtl")
