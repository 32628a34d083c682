"""What is known of a person: handed out, and erased."""

from collections.abc import Callable
from http import HTTPStatus
from typing import BinaryIO
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.sdk.context import Context
from billhook.services import contacts, customers, erasing, person_files
from billhook.services.erasing import ARTICLE, ErasurePlan
from billhook.web import confirming
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.customers.rooms import blueprint, page
from billhook.web.templates import day


@blueprint.get("/<uuid:customer_id>/privacy")
@requires("customers.view")
def privacy(customer_id: UUID) -> str:
    """Show what can be handed out, and what an erasure would take."""
    return page(
        "customers/privacy.html",
        customer_id,
        plan=erasing.plan(context(), customer_id),
        contacts=contacts.of_customer(context(), customer_id),
        article=ARTICLE,
    )


@blueprint.get("/<uuid:customer_id>/privacy/data.zip")
@requires("exports.create")
def hand_out(customer_id: UUID) -> Response:
    """Hand out all that is known of a customer."""
    reference = customers.by_id(context(), customer_id).reference
    return _archive(person_files.write_customer, customer_id, f"customer {reference}.zip")


@blueprint.get("/contacts/<uuid:contact_id>/data.zip")
@requires("exports.create")
def hand_out_contact(contact_id: UUID) -> Response:
    """Hand out all that is known of a customer's person."""
    return _archive(person_files.write_contact, contact_id, "contact.zip")


@blueprint.get("/<uuid:customer_id>/privacy/erase")
@requires("customers.erase")
def ask_to_erase(customer_id: UUID) -> str:
    """Ask before a customer is erased."""
    return confirming.ask(_question(erasing.plan(context(), customer_id)))


@blueprint.post("/<uuid:customer_id>/privacy/erase")
@requires("customers.erase")
def erase(customer_id: UUID) -> Response | tuple[str, int]:
    """Erase what may go today."""
    try:
        done = erasing.erase(context(), customer_id)
    except Conflict as error:
        flash(error.message, "problem")
        return _back(customer_id)
    if done.is_whole:
        flash(
            _("All personal data of this customer was erased. The books still prove themselves.")
        )
    else:
        flash(_("What may go now was erased. The rest is kept as the law asks."))
    return _back(customer_id)


def _back(customer_id: UUID) -> Response:
    return redirect(url_for(".privacy", customer_id=customer_id), HTTPStatus.SEE_OTHER)


def _question(plan: ErasurePlan) -> Question:
    goes = [
        _("Contacts, with their addresses and phone numbers: %(count)s", count=plan.contacts),
        _("Notes: %(count)s", count=plan.notes),
        _("Tags, your own fields, and how documents go out"),
        _("E-mail address, phone, contact person and electronic address"),
        _("The addresses that messages went to: %(count)s", count=plan.deliveries),
    ]
    if plan.is_whole:
        goes += [
            _("Name, address and tax number"),
            _("What documents say of their buyer: %(count)s", count=plan.documents),
            _("Their PDFs, e-invoices, attachments and mails"),
        ]
    kept = []
    if plan.whole_from and not plan.is_whole:
        kept = [
            _(
                "Documents are kept with the buyer's name and address until %(day)s, as the law "
                "asks (%(article)s). Erase again from that day on.",
                day=day(plan.whole_from),
                article=ARTICLE,
            )
        ]
    return Question(
        title=_("Erase this customer's personal data?"),
        label=_("Erase for good"),
        tone="danger",
        act=url_for(".erase", customer_id=plan.customer_id),
        back=url_for(".privacy", customer_id=plan.customer_id),
        text=_("This goes, and cannot be had again:"),
        details=goes,
        warnings=[*kept, *plan.obstacles],
    )


def _archive(
    write: Callable[[Context, UUID, BinaryIO], None], subject_id: UUID, name: str
) -> Response:
    """Write an archive aside, and send it piece by piece."""
    return downloads.written(
        lambda file: write(context(), subject_id, file), name=name, content_type="application/zip"
    )
