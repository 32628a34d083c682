"""The search in the header: everything by what people remember of it."""

from http import HTTPStatus
from uuid import UUID

from babel.support import LazyProxy
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.i18n import lazy_gettext as _
from billhook.services import finding
from billhook.services.finding import Hit, Kind
from billhook.web import paging
from billhook.web.access import context, seated
from billhook.web.objects import address_of

blueprint = Blueprint("search", __name__)

TITLES: dict[Kind, LazyProxy] = {
    Kind.DOCUMENTS: _("Documents"),
    Kind.CUSTOMERS: _("Customers"),
    Kind.PRODUCTS: _("Products"),
    Kind.DRAFTS: _("Drafts"),
    Kind.CHARGES: _("Charges"),
    Kind.DELIVERIES: _("Sent to"),
    Kind.ACCOUNTS: _("Accounts"),
}
ICONS: dict[Kind, str] = {
    Kind.DOCUMENTS: "file-invoice",
    Kind.CUSTOMERS: "users",
    Kind.PRODUCTS: "package",
    Kind.DRAFTS: "file-text",
    Kind.CHARGES: "coins",
    Kind.DELIVERIES: "send",
    Kind.ACCOUNTS: "book-2",
}

_OBJECTS: dict[Kind, str] = {
    Kind.DOCUMENTS: "document",
    Kind.CUSTOMERS: "customer",
    Kind.PRODUCTS: "product",
    Kind.DRAFTS: "draft",
    Kind.CHARGES: "charge",
    Kind.DELIVERIES: "delivery",
}
_LISTS: dict[Kind, str] = {
    Kind.DOCUMENTS: "documents.listing",
    Kind.CUSTOMERS: "customers.listing",
    Kind.PRODUCTS: "products.listing",
    Kind.DRAFTS: "drafts.listing",
    Kind.CHARGES: "charges.listing",
    Kind.DELIVERIES: "outbox.listing",
    Kind.ACCOUNTS: "ledger.accounts",
}


@blueprint.get("/search")
@seated
def find() -> str | Response:
    """Give what is found: a part of the page to scripts, else a page; a number its document."""
    ctx = context()
    text = paging.text("q")
    is_part = "HX-Request" in request.headers
    if not is_part and (document_id := _numbered(text)):
        return redirect(
            url_for("documents.document", document_id=document_id), HTTPStatus.SEE_OTHER
        )
    return render_template(
        "search/results.html" if is_part else "search/page.html",
        text=text,
        found=finding.find(ctx, text),
        titles=TITLES,
        icons=ICONS,
        address=_address,
        all_of=_all_of,
    )


def _address(kind: Kind, hit: Hit) -> str:
    """Return where a hit's page is; else the list in which it stands."""
    if kind is Kind.ACCOUNTS:
        return url_for("ledger.account", code=hit.title, currency=hit.currency)
    return address_of(_OBJECTS[kind], hit.id) or _all_of(kind, hit.title)


def _numbered(text: str) -> UUID | None:
    return finding.document_numbered(context(), text) if text else None


def _all_of(kind: Kind, text: str) -> str:
    """Return the address of the list that shows all that is found."""
    endpoint = _LISTS[kind]
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, search=text)
