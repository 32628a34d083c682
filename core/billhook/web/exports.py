"""Everything out: each kind of thing as one CSV or Excel file."""

from typing import get_args

from babel.support import LazyProxy
from flask import Blueprint, render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.i18n import lazy_gettext as _
from billhook.services import exporting
from billhook.services.exporting import ExportKind, SheetFormat
from billhook.web.access import context, requires
from billhook.web.navigation import may

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

KINDS: dict[ExportKind, tuple[LazyProxy, LazyProxy]] = {
    "customers": (_("Customers"), _("With their addresses, terms and own fields.")),
    "products": (_("Products and prices"), _("A row for each price version.")),
    "charges": (_("Charges"), _("With where each stands and the document that bills it.")),
    "documents": (_("Documents"), _("Invoices and credit notes with their sums.")),
}


@blueprint.get("")
@requires("exports.create")
def listing() -> str:
    """Offer what the member may load."""
    kinds = {kind: words for kind, words in KINDS.items() if may(exporting.permission(kind))}
    return render_template("exports/list.html", kinds=kinds)


@blueprint.get("/<kind>.<sheet_format>")
@requires("exports.create")
def export(kind: str, sheet_format: str) -> Response:
    """Load all of a kind."""
    wanted = next((one for one in exporting.KINDS if one == kind), None)
    written = next((one for one in get_args(SheetFormat) if one == sheet_format), None)
    if wanted is None or written is None:
        raise NotFound
    return downloads.written(
        lambda file: exporting.run(context(), wanted, file, sheet_format=written),
        name=f"{wanted}.{written}",
        content_type=downloads.SHEETS[written],
    )
