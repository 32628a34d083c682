"""Prices agreed with one customer: listed, begun, ended."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, NotFound
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.services import agreements as service
from billhook.services import customers, price_trials, products
from billhook.services.fields import Fields
from billhook.web import confirming
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.customers.forms import EndForm, ProductForm
from billhook.web.customers.rooms import blueprint, page


@blueprint.get("/<uuid:customer_id>/prices")
@requires("products.view")
def agreements_of(customer_id: UUID) -> str:
    """List what was agreed with a customer."""
    return _page(customer_id, ProductForm())


@blueprint.post("/<uuid:customer_id>/prices")
@requires("products.edit")
def agree(customer_id: UUID) -> Response | tuple[str, int]:
    """Lead to the form of a price of the product, for this customer."""
    ctx = context()
    reference = customers.by_id(ctx, customer_id).reference
    form = ProductForm()
    try:
        product = products.get(ctx, (form.sku.data or "").strip())
    except NotFound:
        form.sku.errors = [_("There is no such product. Type a part of its name to be helped.")]
        return _page(customer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    address = url_for("products.new_price", product_id=product.id, customer=reference)
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.get("/prices/<uuid:price_id>/end")
@requires("products.edit")
def ask_to_end(price_id: UUID) -> str:
    """Ask through which day an agreement holds."""
    service.customer_of(context(), price_id)  # a price that is not there comes before the question
    return confirming.ask(_ending(price_id), EndForm(last_day=context().today().isoformat()))


@blueprint.post("/prices/<uuid:price_id>/end")
@requires("products.edit")
def end(price_id: UUID) -> Response | tuple[str, int]:
    """End an agreement."""
    service.customer_of(context(), price_id)  # a price that is not there comes before a wrong form
    form, fields = EndForm(), Fields()
    last_day = fields.day("last_day", form.last_day.data or "")
    if last_day is None and not fields.problems:
        fields.refuse("last_day", "input.missing", _("Choose the last day."))
    try:
        if form.validate() and last_day:
            customer_id = service.end(context(), price_id, last_day=last_day)
            flash(_("The agreement ends. The product's own price holds from the day after."))
            return _back(customer_id)
    except Conflict as error:
        form.form_errors.append(error.message)
    show(form, fields.problems)
    return confirming.ask(_ending(price_id), form), HTTPStatus.UNPROCESSABLE_ENTITY


def _ending(price_id: UUID) -> Question:
    return Question(
        title=_("End this agreement?"),
        label=_("End it"),
        act=url_for(".end", price_id=price_id),
        back=url_for(".listing"),
        text=_(
            "The agreed price holds through its last day; from the day after, charges of this "
            "customer cost what the product costs everybody."
        ),
    )


def _back(customer_id: UUID | None) -> Response:
    """Go to the customer's prices; a price that everybody pays has none."""
    address = (
        url_for(".agreements_of", customer_id=customer_id) if customer_id else url_for(".listing")
    )
    return redirect(address, HTTPStatus.SEE_OTHER)


def _page(customer_id: UUID, form: ProductForm) -> str:
    ctx = context()
    models = price_trials.models(ctx)
    return page(
        "customers/agreements.html",
        customer_id,
        agreements=service.of_customer(ctx, customer_id),
        models={key: one for key, one in models.items() if one},
        form=form,
    )
