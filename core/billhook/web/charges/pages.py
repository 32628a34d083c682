"""The pages of charges."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.domain.states import ChargeState
from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.services import charging, customers, products
from billhook.services.charging import by_hand, viewing
from billhook.web import confirming, paging
from billhook.web.access import context, requires
from billhook.web.charges.forms import ChargeForm, ReasonForm
from billhook.web.charges.listing import PAGE, badge
from billhook.web.confirming import Question
from billhook.web.list_routes import add_list

blueprint = Blueprint("charges", __name__, url_prefix="/charges")

SUGGESTED = 20

add_list(blueprint, PAGE)


@blueprint.get("/new")
@requires("charges.edit")
def new() -> str:
    """Ask for a charge by hand."""
    form = ChargeForm.new(context().today().isoformat())
    form.customer.data = form.customer.data or paging.text("customer")
    return render_template("charges/new.html", form=form)


@blueprint.post("")
@requires("charges.edit")
def add() -> Response | tuple[str, int]:
    """Let a charge wait."""
    form = ChargeForm.new("")
    try:
        if form.validate():
            charge_id = by_hand.add_typed(context(), form.typed(), key=form.chosen_key())
            flash(_("The charge waits for the next bill run."))
            return redirect(url_for(".charge", charge_id=charge_id), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return render_template("charges/new.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/customers")
@requires("customers.view")
def suggest_customers() -> str:
    """Suggest customers for what was typed so far."""
    found = customers.listing(context(), search=paging.text("customer"), limit=SUGGESTED)
    return render_template(
        "charges/suggested.html", found=[(one.reference, one.name) for one in found]
    )


@blueprint.get("/products")
@requires("products.view")
def suggest_products() -> str:
    """Suggest products for what was typed so far."""
    found = products.listing(context(), search=paging.text("product"), limit=SUGGESTED)
    return render_template("charges/suggested.html", found=[(one.sku, one.name) for one in found])


@blueprint.get("/<uuid:charge_id>")
@requires("charges.view")
def charge(charge_id: UUID) -> str:
    """Show what a charge is, what it costs and why, and where it went."""
    ctx = context()
    view = viewing.get(ctx, charge_id)
    waits = view.entry.state in (ChargeState.OPEN, ChargeState.HELD)
    return render_template(
        "charges/charge.html",
        view=view,
        state=badge(view.entry.state),
        waits=waits,
        is_held=view.entry.state is ChargeState.HELD,
        cost=viewing.cost(ctx, charge_id) if waits else None,
        form=ButtonForm(),
    )


@blueprint.post("/<uuid:charge_id>/release")
@requires("charges.edit")
def release(charge_id: UUID) -> Response:
    """Let a held charge be billed again."""
    charging.release(context(), [charge_id])
    flash(_("The charge is billed by the next run again."))
    return redirect(url_for(".charge", charge_id=charge_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:charge_id>/hold")
@requires("charges.edit")
def ask_to_hold(charge_id: UUID) -> str:
    return confirming.ask(_holding(charge_id), ReasonForm())


@blueprint.post("/<uuid:charge_id>/hold")
@requires("charges.edit")
def hold(charge_id: UUID) -> Response | tuple[str, int]:
    """Keep a charge out of bill runs."""
    question, form = _holding(charge_id), ReasonForm()
    if not form.validate():
        return confirming.ask(question, form), HTTPStatus.UNPROCESSABLE_ENTITY
    charging.hold(context(), [charge_id], reason=form.reason.data)
    flash(_("The charge is held until somebody releases it."))
    return redirect(question.back, HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:charge_id>/withdraw")
@requires("charges.edit")
def ask_to_withdraw(charge_id: UUID) -> str:
    return confirming.ask(_withdrawing(charge_id), ReasonForm())


@blueprint.post("/<uuid:charge_id>/withdraw")
@requires("charges.edit")
def withdraw(charge_id: UUID) -> Response | tuple[str, int]:
    """Take a charge away for good."""
    question, form = _withdrawing(charge_id), ReasonForm()
    if not form.validate():
        return confirming.ask(question, form), HTTPStatus.UNPROCESSABLE_ENTITY
    charging.withdraw(context(), [charge_id], reason=form.reason.data)
    flash(_("The charge is withdrawn. It is never billed."))
    return redirect(question.back, HTTPStatus.SEE_OTHER)


def _holding(charge_id: UUID) -> Question:
    entry = viewing.get(context(), charge_id).entry
    return Question(
        title=_("Hold this charge?"),
        text=_(
            "“%(charge)s” stays out of bill runs until it is released.", charge=entry.description
        ),
        label=_("Hold the charge"),
        act=url_for(".hold", charge_id=charge_id),
        back=url_for(".charge", charge_id=charge_id),
    )


def _withdrawing(charge_id: UUID) -> Question:
    entry = viewing.get(context(), charge_id).entry
    return Question(
        title=_("Withdraw this charge?"),
        text=_(
            "“%(charge)s” is never billed. This cannot be undone; its row stays for the record.",
            charge=entry.description,
        ),
        label=_("Withdraw the charge"),
        act=url_for(".withdraw", charge_id=charge_id),
        back=url_for(".charge", charge_id=charge_id),
        tone="danger",
    )
