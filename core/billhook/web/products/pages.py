"""The pages of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.domain.custom_fields import FieldSubject
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.money import QUANTITY_DECIMALS
from billhook.services import catalogue, own_fields, price_trials, prices
from billhook.services.fields import Fields
from billhook.services.price_trials import Trial
from billhook.services.prices import FIRST_DAY, PriceEntry
from billhook.services.products import ProductEntry
from billhook.web import own_fields as own_inputs
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list
from billhook.web.products.forms import ProductForm, stored
from billhook.web.products.listing import PAGE
from billhook.web.versions import Meanwhile, keep_typed

blueprint = Blueprint("products", __name__, url_prefix="/products")

add_list(blueprint, PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrice:
    """A price version on its product's page."""

    entry: PriceEntry
    explanation: str
    """What its model says of one unit."""
    when: Literal["now", "later", "over"]

    @property
    def is_first(self) -> bool:
        """Whether it holds from the beginning."""
        return self.entry.valid_from == FIRST_DAY

    @property
    def last_day(self) -> date | None:
        return self.entry.valid_to - timedelta(days=1) if self.entry.valid_to else None


@blueprint.get("/new")
@requires("products.edit")
def new() -> str:
    """Ask for a product."""
    return _form(ProductForm.of(context()), None, {})


@blueprint.post("")
@requires("products.edit")
def add() -> Response | tuple[str, int]:
    """Add a product, and go on to its price."""
    ctx = context()
    form = ProductForm.of(ctx)
    errors: Mapping[str, list[str]] = {}
    try:
        if form.validate():
            entry = catalogue.create(ctx, form.product())
            flash(_("The product is stored. Give it a price now."))
            return redirect(url_for(".new_price", product_id=entry.id), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
        errors = own_inputs.messages(error.problems)
    return _form(form, None, errors), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<uuid:product_id>")
@requires("products.view")
def product(product_id: UUID) -> str:
    """Show a product, its prices by currency and date, and what a quantity costs."""
    ctx = context()
    entry = catalogue.get(ctx, product_id)
    fields, trial = Fields(), None
    quantity = fields.number("quantity", paging.text("quantity"), decimals=QUANTITY_DECIMALS)
    if quantity is not None:
        trial = _tried(fields, entry, quantity)
    own = own_fields.definitions(FieldSubject.PRODUCT)
    return render_template(
        "products/product.html",
        entry=entry,
        own=[(field, entry.fields[field.key]) for field in own if entry.fields.get(field.key)],
        prices=_prices(entry),
        models=price_trials.models(ctx),
        trial=trial,
        problems=fields.problems,
        currency=paging.text("currency").upper() or ctx.tenant.currency,
        on=paging.day("on") or ctx.today(),
    )


def _tried(fields: Fields, entry: ProductEntry, quantity: Decimal) -> Trial | None:
    ctx = context()
    currency = fields.currency("currency", paging.text("currency")) or ctx.tenant.currency
    if fields.problems:
        return None
    try:
        return price_trials.of_product(
            ctx,
            entry.id,
            currency=currency,
            quantity=quantity,
            on=paging.day("on") or ctx.today(),
            customer=paging.text("customer"),
        )
    except NotFound as error:
        fields.refuse("customer", error.code, error.message)
        return None


def _prices(entry: ProductEntry) -> list[ShownPrice]:
    """Return the versions, each price's newest first, with which of them holds today."""
    ctx = context()
    today = ctx.today()
    versions = prices.prices(ctx, entry.sku)
    explained = price_trials.explained(ctx, {one.id: prices.version_of(one) for one in versions})
    found: list[ShownPrice] = []
    settled: set[tuple[str, str]] = set()
    for one in versions:
        key = (one.currency, one.customer)
        when: Literal["now", "later", "over"] = "later"
        if one.valid_from <= today:
            is_last = key not in settled
            settled.add(key)
            holds = is_last and (one.valid_to is None or today < one.valid_to)
            when = "now" if holds else "over"
        found.append(ShownPrice(entry=one, explanation=explained.get(one.id, ""), when=when))
    return found


@blueprint.get("/<uuid:product_id>/edit")
@requires("products.edit")
def edit(product_id: UUID) -> str:
    """Ask what to change."""
    ctx = context()
    entry = catalogue.get(ctx, product_id)
    return _form(ProductForm.of(ctx, entry), entry, {})


@blueprint.post("/<uuid:product_id>")
@requires("products.edit")
def save(product_id: UUID) -> Response | tuple[str, int]:
    """Change a product, unless somebody else has since."""
    ctx = context()
    entry = catalogue.get(ctx, product_id)
    form = ProductForm.of(ctx)
    errors: Mapping[str, list[str]] = {}
    try:
        if form.validate():
            catalogue.change(ctx, product_id, form.product(), version=form.read_version())
            flash(_("The product is saved. What is billed from now on says so."))
            return redirect(url_for(".product", product_id=product_id), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
        errors = own_inputs.messages(error.problems)
    except Conflict:
        meanwhile = keep_typed(form, stored(entry), entry.version)
        return _form(form, entry, {}, meanwhile=meanwhile), HTTPStatus.CONFLICT
    return _form(form, entry, errors), HTTPStatus.UNPROCESSABLE_ENTITY


def _form(
    form: ProductForm,
    entry: ProductEntry | None,
    errors: Mapping[str, list[str]],
    *,
    meanwhile: Sequence[Meanwhile] = (),
) -> str:
    before = dict(entry.fields) if entry else {}
    return render_template(
        "products/edit.html",
        form=form,
        entry=entry,
        own=own_fields.definitions(FieldSubject.PRODUCT),
        values={**before, **own_fields.sent(request.form)},
        errors=errors,
        meanwhile=meanwhile,
    )
