"""Prices agreed with one customer: listed, added, ended."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.plugins.registries import PRICING_MODELS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.sdk.providers.pricing import DescribesPrices, PriceDescription
from billhook.services import agreements as service
from billhook.services.fields import Fields
from billhook.services.prices import PriceInput
from billhook.web import confirming
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.customers.forms import AgreementForm, EndForm
from billhook.web.customers.rooms import blueprint, page
from billhook.web.forms import show
from billhook.web.provider_names import provider_name
from billhook.web.versions import with_path


@blueprint.get("/<uuid:customer_id>/prices")
@requires("products.view")
def agreements_of(customer_id: UUID) -> str:
    """List what was agreed with a customer."""
    return _page(customer_id, _form(context()))


@blueprint.post("/<uuid:customer_id>/prices")
@requires("products.edit")
def agree(customer_id: UUID) -> Response | tuple[str, int]:
    """Agree on a price."""
    ctx = context()
    form = _form(ctx)
    try:
        if form.validate():
            service.agree(ctx, customer_id, _typed(form))
            flash(_("The price was agreed. It holds for charges from its first day on."))
            return _back(customer_id)
    except ValidationFailed as error:
        known = form._fields.keys()
        renamed = {
            one.path: "parameters" for one in error.problems if one.path and one.path not in known
        }
        show(form, with_path(error.problems, **{**renamed, "valid_to": "valid_until"}))
    return _page(customer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/prices/<uuid:price_id>/end")
@requires("products.edit")
def ask_to_end(price_id: UUID) -> str:
    """Ask through which day an agreement holds."""
    return confirming.ask(_ending(price_id), EndForm(last_day=context().today().isoformat()))


@blueprint.post("/prices/<uuid:price_id>/end")
@requires("products.edit")
def end(price_id: UUID) -> Response | tuple[str, int]:
    """End an agreement."""
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


def _back(customer_id: UUID) -> Response:
    return redirect(url_for(".agreements_of", customer_id=customer_id), HTTPStatus.SEE_OTHER)


def _form(ctx: Context) -> AgreementForm:
    keys = list(relay(ctx).keys(PRICING_MODELS))
    described = _described(ctx, keys)
    models = [
        (key, str(described[key].title) if key in described else provider_name(ctx, key, keys))
        for key in keys
    ]
    return AgreementForm.of(models, ctx.tenant.currency)


def _described(ctx: Context, keys: list[str]) -> dict[str, PriceDescription]:
    found = {}
    for key in keys:
        try:
            model = relay(ctx).pricing_model(key, ctx)
        except PluginUnavailable:
            continue
        if isinstance(model, DescribesPrices):
            found[key] = model.describe()
    return found


def _typed(form: AgreementForm) -> PriceInput:
    """Raises ValidationFailed."""
    fields = Fields()
    first = fields.day("valid_from", form.valid_from.data or "")
    last = fields.day("valid_until", form.valid_until.data or "")
    if fields.problems:
        raise ValidationFailed(fields.problems)
    return PriceInput(
        sku=(form.sku.data or "").strip(),
        model=form.model.data or "",
        parameters=form.figures(),
        currency=form.currency.data or "",
        valid_from=first,
        valid_to=service.day_after(last) if last else None,
    )


def _page(customer_id: UUID, form: AgreementForm) -> str:
    ctx = context()
    return page(
        "customers/agreements.html",
        customer_id,
        agreements=service.of_customer(ctx, customer_id),
        described=_described(ctx, [key for key, _name in form.model.choices]),
        names=dict(form.model.choices),
        form=form,
    )
