"""The portal at a glance: whether it is open, where it is found, how much clients use it."""

from datetime import date

from babel.dates import format_skeleton
from flask import render_template

from billhook import i18n
from billhook.services import portal_figures
from billhook.services.portal import addresses, settings
from billhook.web.access import context, requires
from billhook.web.portal.rooms import blueprint


@blueprint.get("")
@requires("portal.view")
def overview() -> str:
    """Show how the portal is run and used, and where to change it."""
    ctx = context()
    return render_template(
        "client_portal/overview.html",
        settings=settings.current(),
        address=addresses.address(ctx),
        usage=portal_figures.usage(ctx),
        month=_month,
    )


def _month(first: date) -> str:
    """Return a month's name with its year, as the reader's language has it."""
    return format_skeleton("yMMMM", first, locale=i18n.current_language().replace("-", "_"))
