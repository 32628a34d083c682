"""Pages of the portal: what a page says comes from the core, its frame from the tenant's theme."""

from functools import cache
from urllib.parse import urlencode

from babel import Locale
from flask import g, render_template, request
from markupsafe import Markup

from billhook import i18n
from billhook.domain.brands import Brand
from billhook.domain.document_view import Direction, Field
from billhook.domain.portal_view import PortalLink, PortalView
from billhook.edges import OWN_BRAND
from billhook.i18n import gettext as _
from billhook.portal import addresses, navigation
from billhook.portal.access import visitor
from billhook.services.portal import appearance
from billhook.services.portal.appearance import Face
from billhook.services.portal.clients import Client, Way

NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
"""Languages by their own names."""

NO_ICON = "data:,"
"""Keeps browsers from asking for /favicon.ico, which is not there."""


def page(template: str, *, title: str, **values: object) -> str:
    """Return a page for the client, or the guest, whose request this is. Raises ThemeFailed."""
    return _framed(template, title, values, is_entrance=False)


def entrance_page(template: str, *, title: str, **values: object) -> str:
    """Return a page to get in at. Raises ThemeFailed."""
    return _framed(template, title, values, is_entrance=True)


def brand() -> Brand:
    """Return the brand that the page wears."""
    if "portal_brand" not in g:
        client = visitor()
        ctx = g.portal.ctx
        g.portal_brand = (
            appearance.brand(ctx, client.customer_id)
            if client
            else appearance.of_door(ctx, request.environ.get(OWN_BRAND))
        )
    return g.portal_brand  # type: ignore[no-any-return]


def face() -> Face:
    """Return the brand's look, and the theme that lays it out."""
    if "portal_face" not in g:
        g.portal_face = appearance.face(g.portal.ctx, brand())
    return g.portal_face  # type: ignore[no-any-return]


def _framed(template: str, title: str, values: dict[str, object], *, is_entrance: bool) -> str:
    client = visitor()
    said = render_template("portal/told.html") + render_template(template, client=client, **values)
    view = _view(title, Markup(said), client, is_entrance=is_entrance)
    return appearance.framed(view, face().theme, face().look)


def _view(title: str, content: Markup, client: Client | None, *, is_entrance: bool) -> PortalView:
    found = brand()
    inside = client if client and client.way is not Way.LINK and not is_entrance else None
    account = render_template("portal/account.html", client=client) if inside else ""
    return PortalView(
        language=i18n.current_language(),
        direction=_direction(i18n.current_language()),
        title=title,
        company=found.name or g.portal.ctx.tenant.party.name,
        home=addresses.root(),
        stylesheet=addresses.at("faces.style", brand=found.code, v=face().version),
        icon=_icon(found),
        logo=_logo(found),
        content=content,
        account=Markup(account),
        navigation=navigation.entries(inside) if inside else (),
        languages=_languages(),
        legal=_legal(found),
        footer=tuple(line for line in found.legal_text.split("\n") if line),
        contact=_contact(),
        marks=_marks(client),
        skip=_("Skip to the content"),
        navigation_label=_("Pages"),
        is_entrance=is_entrance,
    )


@cache
def _direction(language: str) -> Direction:
    return "rtl" if Locale.parse(language, sep="-").text_direction == "rtl" else "ltr"


def _logo(found: Brand) -> str:
    if found.logo is None:
        return ""
    return addresses.at("faces.logo", brand=found.code, v=found.logo.sha256[:12])


def _icon(found: Brand) -> str:
    """Return where the icon is: the favicon, else the logo, else an empty picture."""
    picture = found.favicon or found.logo
    if picture is None:
        return NO_ICON
    return addresses.at("faces.icon", brand=found.code, v=picture.sha256[:12])


def _legal(found: Brand) -> tuple[PortalLink, ...]:
    return tuple(PortalLink(label=one.label, address=one.address) for one in found.legal_links)


def _contact() -> tuple[Field, ...]:
    party = g.portal.ctx.tenant.party
    found = ((_("E-mail"), party.email), (_("Phone"), party.phone))
    return tuple(Field(label=label, value=value) for label, value in found if value)


def _languages() -> tuple[PortalLink, ...]:
    """Lead to the same page in another language; a client's own choice is in the profile."""
    spoken = i18n.current_language().split("-")[0]
    arguments = {name: value for name, value in request.args.items() if name != "language"}
    path = addresses.shown(request.path)
    return tuple(
        PortalLink(
            label=NAMES.get(code, code),
            address=f"{path}?{urlencode({**arguments, 'language': code})}",
            is_current=code == spoken,
            language=code,
        )
        for code in i18n.catalogues()
    )


def _marks(client: Client | None) -> tuple[str, ...]:
    marks = []
    if g.portal.ctx.tenant.is_sandbox:
        marks.append(_("A sandbox: nothing here is real, and no mail goes out."))
    if client and client.way is Way.LOOK:
        marks.append(
            _(
                "You see the portal as %(customer)s does. You can change nothing, and what you "
                "open is noted.",
                customer=client.customer_name,
            )
        )
    return tuple(marks)
