"""A customer at a glance, what happened to it, and notes about it."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.domain.custom_fields import FieldSubject
from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.language_names import language_name
from billhook.services import (
    acts,
    audit,
    customer_balances,
    customer_notes,
    customer_search,
    customer_tags,
    customers,
    document_search,
    draft_search,
    duplicates,
    merged,
    own_fields,
    parking,
    portal_figures,
    profile_changes,
)
from billhook.services.audit import Act
from billhook.services.customers import CustomerEntry
from billhook.services.document_search import DocumentFilter, FoundDocument
from billhook.services.parking import ParkedEntry
from billhook.services.profile_changes import ChangeEntry
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.customers.forms import NoteForm
from billhook.web.customers.rooms import blueprint, page
from billhook.web.navigation import may
from billhook.web.portal.usage_log import act_of

RECENT = 6
ACTS = 50


@blueprint.get("/suggest")
@requires("customers.view")
def suggest() -> str:
    """Suggest customers for what was typed so far."""
    found = customer_search.matching(context(), paging.text("payer"), limit=20)
    return render_template(
        "charges/suggested.html", found=[(one.reference, one.name) for one in found]
    )


@blueprint.get("/<uuid:customer_id>")
@requires("customers.view")
def customer(customer_id: UUID) -> str:
    """Show who a customer is, what it owes, what waits, and what colleagues noted."""
    return _overview(customer_id, NoteForm())


@blueprint.post("/<uuid:customer_id>/notes")
@requires("customers.edit")
def write_note(customer_id: UUID) -> Response | tuple[str, int]:
    """Leave a note."""
    form = NoteForm()
    try:
        if form.validate():
            customer_notes.write(context(), customer_id, form.text.data or "")
            flash(_("The note was written."))
            return _back(customer_id)
    except ValidationFailed as error:
        show(form, error.problems)
    return _overview(customer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/notes/<uuid:note_id>/delete")
@requires("customers.edit")
def delete_note(note_id: UUID) -> Response:
    """Take one's own note away."""
    customer_id = customer_notes.delete(context(), note_id)
    flash(_("The note was deleted."))
    return _back(customer_id)


@blueprint.get("/<uuid:customer_id>/activity")
@requires("audit.view")
def activity(customer_id: UUID) -> str:
    """Show who did what with a customer, by the audit log."""
    ctx = context()
    found = audit.listing(ctx, object_kind="customer", object_id=str(customer_id), limit=ACTS)
    return page(
        "customers/activity.html",
        customer_id,
        acts=found,
        names=acts.actor_names(found),
        told=told,
    )


def told(act: Act) -> str:
    """Return what an act was, in words."""
    words = {
        "customer.created": _("Added"),
        "customer.changed": _("Changed"),
        "customer.assigned": _("Given to somebody to look after"),
        "customer.tagged": _("Tagged"),
        "customer.untagged": _("A tag was taken away"),
        "customer.note_written": _("A note was written"),
        "customer.note_deleted": _("A note was deleted"),
        "customer.preferences_changed": _("Changed how documents go out"),
        "portal.looked": _("A colleague saw the portal as this client does"),
        "customer.merged": _("Merged into another customer"),
        "customer.took_over": _("Took the place of a duplicate"),
        "customer.data_exported": _("Data about it was handed out"),
        "customer.restricted": _("Erased as far as the law allows"),
        "customer.erased": _("Erased"),
    }
    return words.get(act.action, act.action)


def _back(customer_id: UUID) -> Response:
    return redirect(url_for(".customer", customer_id=customer_id), HTTPStatus.SEE_OTHER)


def _overview(customer_id: UUID, form: NoteForm) -> str:
    ctx = context()
    known = customers.by_id(ctx, customer_id)
    family = merged.family(customer_id)
    children = customer_search.search(
        ctx, customer_search.CustomerFilter(payer_id=customer_id), limit=RECENT + 1
    )
    owners = {one.id: one.name for one in customer_tags.owners(ctx)}
    return page(
        "customers/customer.html",
        customer_id,
        balances=customer_balances.of_customer(ctx, customer_id),
        waiting=customer_search.waiting(ctx, family),
        drafts=_drafts(known),
        documents=_documents(known),
        payer=_payer(known),
        spoken=language_name(known.language),
        children=children.rows[:RECENT],
        more_children=len(children.rows) > RECENT,
        tags=customer_tags.of_customers([customer_id]).get(customer_id, ()),
        owner=owners.get(known.owner_id) if known.owner_id else None,
        own=own_fields.frozen(known.fields, own_fields.definitions(FieldSubject.CUSTOMER)),
        notes=customer_notes.of_customer(ctx, customer_id),
        alike=duplicates.of_customer(ctx, customer_id) if may("customers.edit") else [],
        parked=_parked(customer_id),
        wanted=_wanted(customer_id),
        at_portal=portal_figures.of_customer(ctx, customer_id) if may("portal.view") else None,
        act_of=act_of,
        form=form,
        button=ButtonForm(),
    )


def _payer(known: CustomerEntry) -> CustomerEntry | None:
    return customers.get(context(), known.payer) if known.payer else None


def _documents(known: CustomerEntry) -> Sequence[FoundDocument]:
    if not may("documents.view"):
        return ()
    wanted = DocumentFilter(customer=known.reference)
    return document_search.search(context(), wanted, limit=RECENT).rows


def _drafts(known: CustomerEntry) -> Sequence[object]:
    if not may("drafts.view"):
        return ()
    wanted = draft_search.DraftFilter(customer=known.reference)
    return draft_search.search(context(), wanted, limit=RECENT).rows


def _wanted(customer_id: UUID) -> ChangeEntry | None:
    """Return what the client wants changed and waits for a yes."""
    found = profile_changes.search(context(), customer_id=customer_id, limit=1).rows
    return next(iter(found), None)


def _parked(customer_id: UUID) -> ParkedEntry | None:
    if not may("bill_runs.view"):
        return None
    found = (one for one in parking.listing(context()) if one.customer_id == customer_id)
    return next(found, None)
