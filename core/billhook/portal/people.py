"""The people of the client's company: who enters here, with which rights; colleagues are let in and kept out."""

from collections.abc import Collection
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField

from billhook.domain.deliveries import RecipientKind
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.portal import addresses
from billhook.portal.access import client, here
from billhook.portal.rendering import page
from billhook.services.contacts import ContactInput
from billhook.services.portal import clients, people, sessions
from billhook.services.portal.invitations import Invitation
from billhook.services.portal.people import Colleague, LastManager

blueprint = Blueprint("people", __name__)

Page = str | Response | tuple[str, int]

RECEIVES = {
    RecipientKind.TO: _("Gets documents by mail"),
    RecipientKind.CC: _("Gets a copy"),
    RecipientKind.BCC: _("Gets a copy that others do not see"),
}

RIGHTS = {
    PortalRight.SEE: _("sees documents and asks about them"),
    PortalRight.PAY: _("pays"),
    PortalRight.MANAGE: _("changes details and manages people"),
}


class PersonForm(FlaskForm):  # type: ignore[misc]
    """A person and what they may do."""

    name = StringField(_("Name"), render_kw={"autocomplete": "off"})
    email = EmailField(
        _("E-mail address"),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    phone = TelField(_("Phone"), render_kw={"autocomplete": "off"})
    receives = SelectField(_("Documents by mail"), validate_choice=False)
    enters = BooleanField(_("May enter here, see documents and ask about them"))
    pay = BooleanField(_("May pay"))
    manage = BooleanField(_("May change your company's details and manage its people"))
    alone = BooleanField(_("Yes, nobody of us needs to manage people here"))

    @classmethod
    def of(cls, known: Colleague | None = None) -> "PersonForm":
        """Return the form as it was sent, else filled with what is stored; a new person enters."""
        form = (
            cls(
                name=known.name,
                email=known.email,
                phone=known.phone,
                receives=known.receives.value if known.receives else "",
                enters=bool(known.rights),
                pay=PortalRight.PAY in known.rights,
                manage=known.manages,
            )
            if known
            else cls(enters=True)
        )
        form.receives.choices = [
            ("", gettext("Gets none")),
            *((kind.value, str(text)) for kind, text in RECEIVES.items()),
        ]
        form.name.flags.required = form.email.flags.required = True
        return form

    def typed(self) -> ContactInput:
        """Return what was typed of the person."""
        return ContactInput(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data or "",
            receives=self.receives.data or "",
        )

    def rights(self) -> Collection[PortalRight]:
        """Return what they may do; nothing where they may not enter."""
        if not self.enters.data:
            return ()
        wanted = {PortalRight.PAY: self.pay.data, PortalRight.MANAGE: self.manage.data}
        return (PortalRight.SEE, *(right for right, is_wanted in wanted.items() if is_wanted))


@blueprint.get("/people")
@client(clients.SEE)
def listing() -> str:
    """List the people of the company."""
    found = here()
    return page(
        "portal/people.html",
        title=gettext("People of your company"),
        people=people.listing(found),
        receives=RECEIVES,
        rights=RIGHTS,
        may_manage=found.may(clients.MANAGE) and found.may(clients.WRITE),
        form=ButtonForm(),
    )


@blueprint.get("/people/new")
@client(clients.MANAGE)
def new() -> str:
    """Ask whom to let in."""
    _prove()
    return _page(PersonForm.of(), None)


@blueprint.post("/people/new")
@client(clients.MANAGE)
def add() -> Page:
    """Add a person, and let them in."""
    _prove()
    form = PersonForm.of()
    try:
        if form.validate():
            made = people.add(here(), form.typed(), form.rights())
            return _invited(made, gettext("The person was added."))
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(form, None), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/people/<uuid:contact_id>")
@client(clients.MANAGE)
def person(contact_id: UUID) -> str:
    """Show a person as they can be changed."""
    known = people.get(here(), contact_id)
    _prove()
    return _page(PersonForm.of(known), known)


@blueprint.post("/people/<uuid:contact_id>")
@client(clients.MANAGE)
def save(contact_id: UUID) -> Page:
    """Change a person and what they may do."""
    known = people.get(here(), contact_id)
    _prove()
    form = PersonForm.of(known)
    try:
        if form.validate():
            made = people.change(
                here(),
                contact_id,
                form.typed(),
                form.rights(),
                accepts_no_manager=bool(form.alone.data),
            )
            return _invited(made, gettext("The person was saved."))
    except ValidationFailed as error:
        show(form, error.problems)
    except LastManager as error:
        form.form_errors.append(error.message)
        return _page(form, known, asks_alone=True), HTTPStatus.CONFLICT
    return _page(form, known), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/people/<uuid:contact_id>/invite")
@client(clients.MANAGE)
def invite_again(contact_id: UUID) -> Page:
    """Send a person a new link; the old one ends."""
    people.get(here(), contact_id)
    _prove()
    try:
        made = people.invite_again(here(), contact_id)
    except Conflict as error:
        flash(error.message, "problem")
        return _list()
    return _invited(made, "")


@blueprint.get("/people/<uuid:contact_id>/end")
@client(clients.MANAGE)
def ask_to_end(contact_id: UUID) -> str:
    """Say what ending a person's access does, before it is done."""
    known = people.get(here(), contact_id)
    _prove()
    return page(
        "portal/person_end.html",
        title=gettext("End access?"),
        person=known,
        is_last=people.is_last_manager(here(), contact_id),
        form=ButtonForm(),
    )


@blueprint.post("/people/<uuid:contact_id>/end")
@client(clients.MANAGE)
def end(contact_id: UUID) -> Response:
    """End a person's access; one's own, too."""
    known = people.get(here(), contact_id)
    _prove()
    people.end(here(), contact_id)
    flash(gettext("%(name)s cannot enter any more.", name=known.name))
    return _list()


def _prove() -> None:
    """Ask for the password once more where it was given long ago: who lets in others must be it."""
    if here().contact_id is not None:
        sessions.require_fresh(here())


def _invited(made: Invitation | None, told: str) -> Page:
    """Mail a new link; show it where it could not be mailed."""
    if made is None:
        flash(told)
        return _list()
    sent = people.mail(here(), made)
    if sent.state == "sent":
        flash(gettext("We sent a link by which they choose a password. It works for a week."))
        return _list()
    return page(
        "portal/person_link.html",
        title=gettext("Pass this link on"),
        link=made.link,
        until=made.expires_at,
        reason=sent.reason,
    )


def _list() -> Response:
    return redirect(addresses.at("people.listing"), HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def _page(form: PersonForm, known: Colleague | None, *, asks_alone: bool = False) -> str:
    return page(
        "portal/person.html",
        title=known.name if known else gettext("Let somebody in"),
        form=form,
        person=known,
        asks_alone=asks_alone,
        button=ButtonForm(),
    )
