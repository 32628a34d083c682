"""The form of a price, made from what its pricing model tells of itself.

It is one form with four buttons: other model, more rows, try, save. All of it works
without scripts, because each of them sends the whole form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from billhook.bounds import takes
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.money import QUANTITY_DECIMALS
from billhook.problems import Problem
from billhook.sdk.providers import PriceDescription, PriceParameter
from billhook.services import agreements, catalogue, price_trials, prices
from billhook.services.fields import Fields
from billhook.services.price_trials import Trial
from billhook.services.prices import PriceInput
from billhook.services.products import ProductEntry
from billhook.web import confirming, own_fields
from billhook.web.access import context, requires
from billhook.web.confirming import Question

MOST_ROWS = 50
SPARE_ROWS = 2
_CELL = re.compile(r"t-([a-z0-9_]+)-([0-9]{1,2})-([0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    model: str
    numbers: Mapping[str, str]
    tables: Mapping[str, list[list[str]]]
    raw: str
    """Parameters as lines of text, for models that do not describe themselves."""
    currency: str
    customer: str
    valid_from: str
    valid_until: str
    quantity: str

    def rows(self, parameter: PriceParameter, spare: int) -> list[list[str]]:
        """Return the rows of a table with some empty ones after them."""
        assert parameter.table is not None
        width = len(parameter.table.columns)
        typed = [(row + [""] * width)[:width] for row in self.tables.get(parameter.name, [])]
        return [*typed, *([""] * width for _row in range(spare))][:MOST_ROWS]

    def parameters(self, description: PriceDescription | None) -> dict[str, str]:
        """Return the texts that the model reads."""
        if description is None:
            pairs = (line.partition("=") for line in self.raw.splitlines() if "=" in line)
            return {name.strip(): value.strip() for name, _equals, value in pairs}
        found: dict[str, str] = {}
        for one in description.parameters:
            if one.table:
                rows = self.tables.get(one.name, [])
                text = one.table.text([row for row in rows if any(row)])
            else:
                text = self.numbers.get(one.name, "") or one.default or ""
            if text:
                found[one.name] = text
        return found


def add_to(blueprint: Blueprint) -> None:
    """Give the blueprint of products the routes of their prices."""
    path = "/<uuid:product_id>/prices"
    blueprint.add_url_rule(f"{path}/new", view_func=new_price)
    blueprint.add_url_rule(path, view_func=add_price, methods=["POST"])
    blueprint.add_url_rule(f"{path}/<uuid:price_id>/end", view_func=ask_to_end)
    blueprint.add_url_rule(f"{path}/<uuid:price_id>/end", view_func=end_price, methods=["POST"])


@requires("products.edit")
def new_price(product_id: UUID) -> str:
    """Ask for a price; `like` names a version to begin from."""
    ctx = context()
    entry = catalogue.get(ctx, product_id)
    models = price_trials.models(ctx)
    return _page(entry, _begun(entry, models), models)


@requires("products.edit")
@takes(fields=1_000)
def add_price(product_id: UUID) -> Response | str | tuple[str, int]:
    """Try or store a price, or show its form again with more rows or for another model."""
    ctx = context()
    entry = catalogue.get(ctx, product_id)
    models = price_trials.models(ctx)
    typed = _typed()
    description = models.get(typed.model)
    act = request.form.get("act", "model")
    if act in ("model", "more"):
        return _page(entry, typed, models, spare=10 if act == "more" else SPARE_ROWS)
    fields = Fields()
    currency = fields.currency("currency", typed.currency) or ctx.tenant.currency
    if act == "try":
        trial = _trial(fields, typed, description, currency)
        return _page(entry, typed, models, trial=trial, problems=fields.problems)
    price = _price(fields, entry, typed, description, currency)
    try:
        if fields.problems:
            raise ValidationFailed(fields.problems)
        added = prices.add_price(ctx, price)
    except ValidationFailed as error:
        page = _page(entry, typed, models, problems=error.problems)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    flash(
        _("The same price is in force already.")
        if added.state == "unchanged"
        else _("The price is stored.")
    )
    for problem in added.problems:
        flash(problem.message, "problem")
    return redirect(url_for(".product", product_id=product_id), HTTPStatus.SEE_OTHER)


def _price(
    fields: Fields,
    entry: ProductEntry,
    typed: Typed,
    description: PriceDescription | None,
    currency: str,
) -> PriceInput:
    last = fields.day("valid_until", typed.valid_until)
    return PriceInput(
        sku=entry.sku,
        model=typed.model,
        parameters=typed.parameters(description),
        currency=currency,
        customer=typed.customer.strip(),
        valid_from=fields.day("valid_from", typed.valid_from),
        valid_to=last + timedelta(days=1) if last and last < date.max else None,
    )


def _trial(
    fields: Fields, typed: Typed, description: PriceDescription | None, currency: str
) -> Trial | None:
    quantity = fields.number("quantity", typed.quantity or "1", decimals=QUANTITY_DECIMALS)
    if fields.problems or quantity is None:
        return None
    return price_trials.attempt(
        context(),
        model=typed.model,
        parameters=typed.parameters(description),
        currency=currency,
        quantity=quantity or Decimal(0),
    )


def _begun(entry: ProductEntry, models: Mapping[str, PriceDescription | None]) -> Typed:
    """Return an empty form, or one filled in from the version that the address names."""
    ctx = context()
    versions = prices.prices(ctx, entry.sku)
    like = next((one for one in versions if str(one.id) == request.args.get("like")), None)
    wanted = like.model if like else request.args.get("model", "")
    model = wanted if wanted in models else next(iter(models), "")
    stored = like.parameters if like else {}
    description = models.get(model)
    tables = {
        one.name: [list(row) for row in one.table.rows(stored.get(one.name, ""))]
        for one in (description.parameters if description else ())
        if one.table
    }
    return Typed(
        model=model,
        numbers=stored,
        tables=tables,
        raw="\n".join(f"{name}={value}" for name, value in stored.items()),
        currency=like.currency if like else ctx.tenant.currency,
        customer=like.customer if like else request.args.get("customer", ""),
        valid_from="",
        valid_until="",
        quantity="1",
    )


def _typed() -> Typed:
    form = request.form
    tables: dict[str, list[list[str]]] = {}
    cells = {
        (found[1], int(found[2]), int(found[3])): value.strip()
        for name, value in form.items()
        if (found := _CELL.fullmatch(name))
    }
    for (name, row, _column), _value in sorted(cells.items()):
        rows = tables.setdefault(name, [])
        if row >= len(rows):
            width = max(c for n, r, c in cells if n == name and r == row) + 1
            rows.append([cells.get((name, row, column), "") for column in range(width)])
    filled = {name: [row for row in rows if any(row)] for name, rows in tables.items()}
    return Typed(
        model=form.get("model", ""),
        numbers={
            name.removeprefix("p-"): value.strip()
            for name, value in form.items()
            if name.startswith("p-")
        },
        tables=filled,
        raw=form.get("raw", ""),
        currency=form.get("currency", "").strip(),
        customer=form.get("customer", ""),
        valid_from=form.get("valid_from", ""),
        valid_until=form.get("valid_until", ""),
        quantity=form.get("quantity", "").strip(),
    )


def _page(
    entry: ProductEntry,
    typed: Typed,
    models: Mapping[str, PriceDescription | None],
    *,
    trial: Trial | None = None,
    problems: tuple[Problem, ...] | list[Problem] = (),
    spare: int = SPARE_ROWS,
) -> str:
    named = {"currency", "customer", "valid_from", "valid_until", "quantity"}
    description = models.get(typed.model)
    named |= {one.name for one in description.parameters} if description else {"raw"}
    return render_template(
        "products/price.html",
        entry=entry,
        typed=typed,
        models=models,
        description=description,
        trial=trial,
        errors=own_fields.messages(problems),
        others=[one.message for one in problems if one.path not in named],
        spare=spare,
        form=ButtonForm(),
    )


class EndForm(FlaskForm):  # type: ignore[misc]
    """The last day on which a price holds."""

    last_day = DateField(
        lazy_gettext("Last day"), validators=[InputRequired(lazy_gettext("Choose the last day."))]
    )


@requires("products.edit")
def ask_to_end(product_id: UUID, price_id: UUID) -> str:
    """Ask for the last day of a price."""
    return confirming.ask(_ending(product_id, price_id), EndForm(last_day=context().today()))


@requires("products.edit")
def end_price(product_id: UUID, price_id: UUID) -> Response | tuple[str, int]:
    """Let a price hold through a day and no longer."""
    ctx = context()
    question, form = _ending(product_id, price_id), EndForm()
    try:
        if form.validate():
            agreements.end(ctx, price_id, last_day=form.last_day.data)
            flash(_("The price ends on the day that you chose."))
            return redirect(question.back, HTTPStatus.SEE_OTHER)
    except Conflict as error:
        form.form_errors.append(error.message)
    except ValidationFailed as error:
        form.form_errors.extend(problem.message for problem in error.problems)
    return confirming.ask(question, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _ending(product_id: UUID, price_id: UUID) -> Question:
    entry = catalogue.get(context(), product_id)
    return Question(
        title=_("End this price?"),
        text=_(
            "From the day after, charges of “%(product)s” need another price, or their customers "
            "are parked.",
            product=entry.name,
        ),
        label=_("End the price"),
        act=url_for(".end_price", product_id=product_id, price_id=price_id),
        back=url_for(".product", product_id=product_id),
    )
