"""A customer is entered and changed."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.domain.custom_fields import FieldSubject
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.services import customer_profiles, customer_tags, customers, own_fields
from billhook.services.customer_profiles import CustomerChanged, ProfileInput
from billhook.services.customers import CustomerEntry
from billhook.web.access import context, requires
from billhook.web.customers.forms import CustomerForm, stored, zones
from billhook.web.customers.rooms import blueprint
from billhook.web.own_fields import messages
from billhook.web.versions import Meanwhile, keep_typed


@blueprint.get("/new")
@requires("customers.edit")
def new() -> str:
    """Ask for a customer."""
    return _page(CustomerForm.of(context()), None)


@blueprint.post("/new")
@requires("customers.edit")
def add() -> Response | tuple[str, int]:
    """Add a customer."""
    ctx = context()
    form = CustomerForm.of(ctx)
    try:
        if form.validate():
            made = customer_profiles.create(ctx, _typed(form))
            flash(_("The customer was added."))
            return redirect(url_for(".customer", customer_id=made.id), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        return _refused(form, None, error)
    return _page(form, None), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<uuid:customer_id>/edit")
@requires("customers.edit")
def edit(customer_id: UUID) -> str:
    """Show a customer as it can be changed."""
    known = customers.by_id(context(), customer_id)
    _refuse_merged(known)
    return _page(CustomerForm.of(context(), known), known)


@blueprint.post("/<uuid:customer_id>/edit")
@requires("customers.edit")
def save(customer_id: UUID) -> Response | tuple[str, int]:
    """Change a customer; what somebody else saved meanwhile is shown, not lost."""
    ctx = context()
    known = customers.by_id(ctx, customer_id)
    form = CustomerForm.of(ctx, known)
    try:
        if form.validate():
            customer_profiles.change(ctx, customer_id, _typed(form), version=form.read_version())
            flash(_("The customer was saved. Documents from now on follow it."))
            return redirect(url_for(".customer", customer_id=customer_id), HTTPStatus.SEE_OTHER)
    except CustomerChanged:
        known = customers.by_id(ctx, customer_id)
        meanwhile = keep_typed(form, stored(known), known.version)
        return _page(form, known, meanwhile=meanwhile), HTTPStatus.CONFLICT
    except ValidationFailed as error:
        return _refused(form, known, error)
    return _page(form, known), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/places")
@requires("customers.edit")
def places() -> str:
    """Show the fields of an address as another country has them."""
    form = CustomerForm.of(context())
    for name in ("country", "city", "postal_code", "subdivision"):
        form[name].data = request.args.get(name, "")
    form.call_places()
    return render_template("customers/places.html", form=form)


def _refuse_merged(known: CustomerEntry) -> None:
    if known.merged_into_id:
        raise Conflict(_("This customer was merged into another one. Change that one instead."))


def _typed(form: CustomerForm) -> ProfileInput:
    own = own_fields.sent(request.form)
    return ProfileInput(customer=form.typed(own), tags=form.typed_tags())


def _refused(
    form: CustomerForm, known: CustomerEntry | None, error: ValidationFailed
) -> tuple[str, int]:
    own = [one for one in error.problems if one.path.startswith(own_fields.PREFIX)]
    show(form, [one for one in error.problems if one not in own])
    return _page(form, known, problems=own), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(
    form: CustomerForm,
    known: CustomerEntry | None,
    *,
    meanwhile: list[Meanwhile] | None = None,
    problems: list[Problem] | None = None,
) -> str:
    ctx = context()
    typed = own_fields.sent(request.form) if request.method == "POST" else {}
    return render_template(
        "customers/edit.html",
        form=form,
        customer=known,
        meanwhile=meanwhile or [],
        definitions=own_fields.definitions(FieldSubject.CUSTOMER),
        own={**(known.fields if known else {}), **typed},
        own_errors=messages(problems or []),
        zones=zones(),
        tags=customer_tags.all_tags(ctx),
    )
