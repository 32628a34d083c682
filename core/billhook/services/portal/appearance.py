"""What a portal looks like: the brand that a client sees, and the theme in its colours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import structlog
from sqlalchemy import Select, bindparam, or_, select

from billhook.columns import Id
from billhook.db import db
from billhook.domain.brands import Brand
from billhook.domain.document_view import Look
from billhook.domain.portal_view import PortalView
from billhook.errors import PluginFailed
from billhook.models.brands import BrandRow
from billhook.models.deliveries import DeliveryPreference
from billhook.plugins import portal_styles
from billhook.plugins.runtime import runtime
from billhook.plugins.themes import DEFAULT, ThemeMissing
from billhook.plugins.theming import Theme
from billhook.sdk.context import Context
from billhook.services import brands

log = structlog.get_logger("billhook.portal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A theme in the colours of a brand, with its style in one sheet."""

    theme: Theme
    look: Look
    style: bytes
    version: str
    """The beginning of the style's hash."""


def brand(ctx: Context, customer_id: UUID | None = None) -> Brand:
    """Return the brand that a customer sees; without one, that of the tenant's own face."""
    row = db.session.scalar(_chosen(), {"customer_id": customer_id})
    return brands.brand_of(ctx, row or brands.default_row(ctx))


def of_door(ctx: Context, brand_id: UUID | None) -> Brand:
    """Return the brand that strangers see: that of the domain at which they knock, else the tenant's own."""
    chosen = brands.of_ids(ctx, [brand_id]).get(brand_id) if brand_id else None
    return chosen or brand(ctx)


def of_code(ctx: Context, code: str) -> Brand:
    """Return a brand by its code, for what its pages are drawn with. Raises NotFound."""
    return brands.brand_of(ctx, brands.row_of(ctx, code))


@cache
def _chosen() -> Select[tuple[BrandRow]]:
    """Take the customer's brand before the default; every page sends the statement."""
    return (
        select(BrandRow)
        .outerjoin(
            DeliveryPreference,
            (DeliveryPreference.tenant_id == BrandRow.tenant_id)
            & (DeliveryPreference.brand_id == BrandRow.id)
            & (DeliveryPreference.customer_id == bindparam("customer_id", type_=Id())),
        )
        .where(or_(DeliveryPreference.customer_id.is_not(None), BrandRow.is_default))
        .order_by(DeliveryPreference.customer_id.is_(None))
        .limit(1)
    )


def theme(found: Brand) -> Theme:
    """Return the theme that lays out the portal of a brand: its own, else the one that all have.

    A client's page never fails for a theme that was uninstalled.
    """
    themes = runtime().themes
    try:
        own = themes.get(found.theme)
    except ThemeMissing:
        return themes.get(DEFAULT)
    return own if own.has_portal else themes.get(DEFAULT)


def face(ctx: Context, found: Brand) -> Face:
    """Return how the portal of a brand looks; made once, as long as neither it nor its theme changes.

    Raises FileDamaged.
    """
    chosen = theme(found)
    key = (found, chosen.name, chosen.version, chosen.folder)
    if key not in _faces:
        if len(_faces) >= MOST_FACES:
            _faces.clear()
        _faces[key] = _made(found, chosen, brands.pictures(ctx, found))
    return _faces[key]


_faces: dict[tuple[object, ...], Face] = {}
MOST_FACES = 500


def _made(found: Brand, chosen: Theme, pictures: Mapping[str, bytes]) -> Face:
    look = chosen.portal_look(found, pictures)
    address = portal_styles.from_portal(found.code)
    style = portal_styles.written(chosen, look, found.font, address).encode()
    return Face(theme=chosen, look=look, style=style, version=portal_styles.version(style))


def framed(view: PortalView, found: Theme, look: Look) -> str:
    """Return a page in a theme's frame; in that of the default theme where it fails.

    What a client came for never fails for the look of it. Raises ThemeFailed for the
    default theme's own.
    """
    try:
        return found.portal_page(view, look)
    except PluginFailed as error:
        if found.name == DEFAULT:
            raise
        log.error("portal.theme_failed", theme=found.name, reason=error.reason)
        return runtime().themes.get(DEFAULT).portal_page(view, look)
