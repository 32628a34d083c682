"""To see the portal as a client: a question first, for what is opened is noted."""

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, url_for

from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime
from billhook.services import customers, looking
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.portal.rooms import Page, blueprint


@blueprint.get("/look/<uuid:customer_id>")
@requires("portal.look")
def ask_to_look(customer_id: UUID) -> str:
    """Say what a look is before it begins."""
    found = customers.by_id(context(), customer_id)
    return ask(
        Question(
            title=_("See the portal as %(name)s does?", name=found.name),
            text=_(
                "You see the pages that this client sees, for half an hour. You can change "
                "nothing there, nothing counts as seen by the client, and which pages you open "
                "is noted under your name."
            ),
            label=_("See the portal"),
            act=url_for(".look", customer_id=customer_id),
            back=url_for("customers.customer", customer_id=customer_id),
        )
    )


@blueprint.post("/look/<uuid:customer_id>")
@requires("portal.look")
def look(customer_id: UUID) -> Page:
    """Begin a look: lead to the portal by a link that serves once."""
    address = looking.begin(context(), customer_id)
    here = runtime().config.base_url.rstrip("/")
    if address.startswith(f"{here}/"):
        return redirect(address.removeprefix(here), HTTPStatus.SEE_OTHER)
    # A form may lead to no other host, a link may.
    return render_template("client_portal/open.html", address=address)
