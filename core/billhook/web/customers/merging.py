"""Duplicates: found, compared, merged."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.services import customer_merging, customers, duplicates
from billhook.services.customer_merging import MergePreview
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.customers.forms import MergeForm
from billhook.web.customers.rooms import blueprint


@blueprint.get("/duplicates")
@requires("customers.edit")
def duplicates_found() -> str:
    """List customers who may be one."""
    return render_template("customers/duplicates.html", groups=duplicates.groups(context()))


@blueprint.get("/<uuid:customer_id>/merge")
@requires("customers.edit")
def choose_kept(customer_id: UUID) -> str | Response:
    """Ask which customer takes this one's place."""
    ctx = context()
    text = paging.text("kept")
    found = customers.listing(ctx, search=text, limit=20) if text else []
    return render_template(
        "customers/merge_choose.html",
        customer=customers.by_id(ctx, customer_id),
        alike=duplicates.of_customer(ctx, customer_id),
        text=text,
        found=[one for one in found if one.id != customer_id and not one.merged_into_id],
    )


@blueprint.get("/<uuid:customer_id>/merge/<uuid:kept_id>")
@requires("customers.edit")
def compare(customer_id: UUID, kept_id: UUID) -> str:
    """Show both side by side, and what would move."""
    return _page(_preview(customer_id, kept_id))


@blueprint.post("/<uuid:customer_id>/merge/<uuid:kept_id>")
@requires("customers.edit")
def merge(customer_id: UUID, kept_id: UUID) -> Response | tuple[str, int]:
    """Merge the two."""
    form = MergeForm()
    try:
        if form.validate():
            customer_merging.merge(
                context(), duplicate_id=customer_id, kept_id=kept_id, versions=form.versions()
            )
            flash(_("The two are one customer now. What waited is billed to it."))
            return redirect(url_for(".customer", customer_id=kept_id), HTTPStatus.SEE_OTHER)
    except Conflict as error:
        return _page(_preview(customer_id, kept_id), error.message), HTTPStatus.CONFLICT
    return _page(_preview(customer_id, kept_id)), HTTPStatus.UNPROCESSABLE_ENTITY


def _preview(customer_id: UUID, kept_id: UUID) -> MergePreview:
    return customer_merging.preview(context(), duplicate_id=customer_id, kept_id=kept_id)


def _page(preview: MergePreview, problem: str = "") -> str:
    form = MergeForm(
        formdata=None,
        duplicate_version=str(preview.duplicate.version),
        kept_version=str(preview.kept.version),
    )
    if problem and problem != preview.obstacle:
        form.form_errors = [problem]
    return render_template("customers/merge.html", preview=preview, form=form)
