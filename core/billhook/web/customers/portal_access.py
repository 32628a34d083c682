"""What a contact may do at the portal: invited, given rights, kept out."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField

from billhook.domain.states import PortalRight
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import client_access
from billhook.services import contacts as people
from billhook.services.client_access import ContactAccess
from billhook.services.portal.invitations import Invitation
from billhook.web import confirming
from billhook.web.access import context, requires
from billhook.web.confirming import Question
from billhook.web.customers.rooms import blueprint, page

Page = str | Response


class RightsForm(FlaskForm):  # type: ignore[misc]
    """What a contact may do at the portal, beside seeing."""

    pay = BooleanField(lazy_gettext("Pay open invoices"))
    manage = BooleanField(lazy_gettext("Change the company's data, and let colleagues in"))

    @classmethod
    def of(cls, access: ContactAccess | None = None) -> "RightsForm":
        """Return the form as it was sent, else filled with what is stored."""
        if access is None:
            return cls()
        return cls(
            pay=PortalRight.PAY in access.rights, manage=PortalRight.MANAGE in access.rights
        )

    def rights(self) -> list[PortalRight]:
        """Return what was ticked; whoever may enter may see."""
        ticked = ((self.pay, PortalRight.PAY), (self.manage, PortalRight.MANAGE))
        return [PortalRight.SEE, *(right for field, right in ticked if field.data)]


@blueprint.post("/contacts/<uuid:contact_id>/portal/invite")
@requires("portal.invite")
def invite_contact(contact_id: UUID) -> Page:
    """Let a contact in, or make a new link for one who has not come; the old one ends."""
    ctx = context()
    try:
        made = client_access.invite(ctx, contact_id, RightsForm.of().rights())
    except Conflict as error:
        flash(error.message, "problem")
        return _back(contact_id)
    return _invited(contact_id, made)


def _invited(contact_id: UUID, made: Invitation) -> Page:
    """Mail the link, and show it where that does not work."""
    customer_id, contact = people.get(context(), contact_id)
    sent = client_access.mail(context(), made)
    if sent.state == "sent":
        flash(_("The invitation was sent to %(email)s.", email=contact.email))
        return _back(contact_id)
    return page(
        "customers/contact_link.html",
        customer_id,
        contact=contact,
        invitation=made,
        reason=sent.reason,
    )


@blueprint.post("/contacts/<uuid:contact_id>/portal/rights")
@requires("portal.invite")
def save_rights(contact_id: UUID) -> Response:
    """Change what a contact may do at the portal."""
    client_access.change_rights(context(), contact_id, RightsForm.of().rights())
    flash(_("What the contact may do at the portal was saved. It holds from now on."))
    return _back(contact_id)


@blueprint.get("/contacts/<uuid:contact_id>/portal/end")
@requires("portal.invite")
def ask_to_end_access(contact_id: UUID) -> str:
    """Ask before a contact's access ends."""
    _customer_id, contact = people.get(context(), contact_id)
    return confirming.ask(
        Question(
            title=_("End access to the portal?"),
            label=_("End access"),
            tone="danger",
            act=url_for(".end_access", contact_id=contact_id),
            back=url_for(".contact", contact_id=contact_id),
            text=_(
                "%(name)s is logged out everywhere at once and cannot come back. The contact "
                "stays, and you can invite them again.",
                name=contact.name,
            ),
        )
    )


@blueprint.post("/contacts/<uuid:contact_id>/portal/end")
@requires("portal.invite")
def end_access(contact_id: UUID) -> Response:
    """End a contact's access, or their invitation."""
    client_access.end(context(), contact_id)
    flash(_("The contact has no access to the portal any more."))
    return _back(contact_id)


@blueprint.get("/contacts/<uuid:contact_id>/portal/factor")
@requires("portal.invite")
def ask_to_remove_factor(contact_id: UUID) -> str:
    """Ask before a contact's second factor goes."""
    _customer_id, contact = people.get(context(), contact_id)
    return confirming.ask(
        Question(
            title=_("Remove the second factor?"),
            label=_("Remove the second factor"),
            tone="danger",
            act=url_for(".remove_contact_factor", contact_id=contact_id),
            back=url_for(".contact", contact_id=contact_id),
            text=_(
                "%(name)s gets in by the password alone, and is logged out everywhere. Make sure "
                "that it is them who asks.",
                name=contact.name,
            ),
        )
    )


@blueprint.post("/contacts/<uuid:contact_id>/portal/factor")
@requires("portal.invite")
def remove_contact_factor(contact_id: UUID) -> Response:
    """Remove the second factor of a contact who lost it."""
    client_access.remove_factor(context(), contact_id)
    flash(_("The second factor was removed. They set up another one under “Security”."))
    return _back(contact_id)


def _back(contact_id: UUID) -> Response:
    return redirect(url_for(".contact", contact_id=contact_id), HTTPStatus.SEE_OTHER)
