"""A customer's people: listed, added, changed, let go."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.services import client_access, erasing
from billhook.services import contacts as service
from billhook.services.customers import ContactEntry
from billhook.web import confirming
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.customers.forms import ContactForm
from billhook.web.customers.portal_access import RightsForm
from billhook.web.customers.rooms import blueprint, page


@blueprint.get("/<uuid:customer_id>/contacts")
@requires("customers.view")
def contacts_of(customer_id: UUID) -> str:
    """List a customer's people."""
    return _page(customer_id, ContactForm.of())


@blueprint.post("/<uuid:customer_id>/contacts")
@requires("customers.edit")
def add_contact(customer_id: UUID) -> Response | tuple[str, int]:
    """Add a person."""
    form = ContactForm.of()
    try:
        if form.validate():
            service.add(context(), customer_id, form.typed())
            flash(_("The contact was added."))
            return _back(customer_id)
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(customer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/contacts/<uuid:contact_id>")
@requires("customers.view")
def contact(contact_id: UUID) -> str:
    """Show a person as they can be changed."""
    customer_id, known = service.get(context(), contact_id)
    return _contact_page(customer_id, known, ContactForm.of(known))


@blueprint.post("/contacts/<uuid:contact_id>")
@requires("customers.edit")
def save_contact(contact_id: UUID) -> Response | tuple[str, int]:
    """Change a person."""
    customer_id, known = service.get(context(), contact_id)
    form = ContactForm.of(known)
    try:
        if form.validate():
            service.change(context(), contact_id, form.typed())
            flash(_("The contact was saved."))
            return _back(customer_id)
    except ValidationFailed as error:
        show(form, error.problems)
    return _contact_page(customer_id, known, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _contact_page(customer_id: UUID, known: ContactEntry, form: ContactForm) -> str:
    access = client_access.get(context(), known.id)
    return page(
        "customers/contact.html",
        customer_id,
        contact=known,
        form=form,
        access=access,
        rights=RightsForm.of(access),
    )


@blueprint.get("/contacts/<uuid:contact_id>/erase")
@requires("customers.erase")
def ask_to_erase_contact(contact_id: UUID) -> str:
    """Ask before a person is erased."""
    _customer_id, known = service.get(context(), contact_id)
    return confirming.ask(
        Question(
            title=_("Erase this contact?"),
            label=_("Erase for good"),
            tone="danger",
            act=url_for(".erase_contact", contact_id=contact_id),
            back=url_for(".contact", contact_id=contact_id),
            text=_(
                "%(name)s is deleted, and their address is taken out of what was sent to it. "
                "It cannot be undone.",
                name=known.name,
            ),
        )
    )


@blueprint.post("/contacts/<uuid:contact_id>/erase")
@requires("customers.erase")
def erase_contact(contact_id: UUID) -> Response:
    """Erase a person."""
    customer_id, _known = service.get(context(), contact_id)
    erasing.forget_contact(context(), contact_id)
    flash(_("The contact was erased."))
    return _back(customer_id)


def _back(customer_id: UUID) -> Response:
    return redirect(url_for(".contacts_of", customer_id=customer_id), HTTPStatus.SEE_OTHER)


def _page(customer_id: UUID, form: ContactForm) -> str:
    found = service.of_customer(context(), customer_id)
    return page(
        "customers/contacts.html",
        customer_id,
        contacts=found,
        accesses=client_access.of_contacts(context(), [one.id for one in found]),
        form=form,
    )
