"""Who works here: inviting, roles, whose customers somebody sees, and ending access."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.domain.states import Reach
from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.sdk.context import Context
from billhook.services import invitations, roles, second_factor
from billhook.services import people as service
from billhook.services.invitations import Invitation
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.labels import label

blueprint = Blueprint("people", __name__)

Page = str | Response | tuple[str, int]


class SeatForm(FlaskForm):  # type: ignore[misc]
    """What somebody may do, and whose customers they see."""

    role = SelectField(lazy_gettext("Role"))
    scope = SelectField(lazy_gettext("Customers that they see"))
    scope_tags = StringField(
        lazy_gettext("Tags"),
        validators=[Length(max=limits.TEXT)],
        render_kw={"autocomplete": "off"},
    )

    def offer(self, ctx: Context) -> "SeatForm":
        """Fill in what there is to choose from: roles that the member may give."""
        self.role.choices = [
            SelectChoice(one.code, one.title)
            for one in roles.listing(ctx)
            if ctx.permissions is None or one.permissions <= ctx.permissions
        ]
        self.scope.choices = [SelectChoice(one.value, label(one)) for one in Reach]
        return self

    def tags(self) -> list[str]:
        """Return the tags that were named, one after each comma."""
        return [tag.strip() for tag in (self.scope_tags.data or "").split(",") if tag.strip()]


class InviteForm(SeatForm):
    """Whom to invite."""

    email = EmailField(
        lazy_gettext("E-mail address"),
        validators=[InputRequired(lazy_gettext("Enter their e-mail address."))],
        render_kw={"autocomplete": "off"},
    )
    name = StringField(
        lazy_gettext("Name"),
        validators=[InputRequired(lazy_gettext("Enter their name.")), Length(max=limits.NAME)],
        render_kw={"autocomplete": "off"},
    )


@blueprint.get("/people")
@requires("people.view")
def listing() -> str:
    """List who works here, is invited, or worked here."""
    ctx = context()
    found = service.listing(ctx)
    return render_template(
        "people/listing.html",
        here=[one for one in found if one.is_active],
        invited=[one for one in found if one.is_invited],
        gone=[one for one in found if not one.is_active and not one.is_invited],
        form=ButtonForm(),
    )


@blueprint.get("/people/invite")
@requires("people.manage")
def invite() -> str:
    """Ask whom to invite."""
    form = InviteForm(role="clerk", scope=Reach.ALL.value).offer(context())
    return _invite_page(form)


@blueprint.post("/people/invite")
@requires("people.manage")
def send_invitation() -> Page:
    """Offer a seat, and mail the link; where that cannot be, show it."""
    ctx = context()
    form = InviteForm().offer(ctx)
    if form.validate():
        try:
            made = invitations.invite(
                ctx,
                email=form.email.data,
                name=form.name.data,
                role=form.role.data,
                reach=form.scope.data,
                tags=form.tags(),
            )
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return _invited(ctx, made)
    return _invite_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _invite_page(form: InviteForm) -> str:
    return render_template("people/invite.html", form=form, roles=roles.listing(context()))


def _invited(ctx: Context, made: Invitation) -> Page:
    """Say that the mail went out; else show the link to whoever can pass it on."""
    person = service.get(ctx, made.person_id)
    sent = invitations.mail(ctx, made)
    if sent.state == "sent":
        flash(_("The invitation was sent to %(email)s.", email=person.email))
        return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    return render_template("people/link.html", person=person, invitation=made, reason=sent.reason)


@blueprint.get("/people/<uuid:person_id>")
@requires("people.view")
def person(person_id: UUID) -> str:
    """Show one person, and what they may do."""
    ctx = context()
    found = service.get(ctx, person_id)
    form = SeatForm(
        role=found.role, scope=found.reach.value, scope_tags=", ".join(found.tags)
    ).offer(ctx)
    return _person_page(found, form)


@blueprint.post("/people/<uuid:person_id>")
@requires("people.manage")
def save(person_id: UUID) -> Page:
    """Change role and customers of somebody, from their next request on."""
    ctx = context()
    found = service.get(ctx, person_id)
    form = SeatForm().offer(ctx)
    if form.validate():
        try:
            service.change_seat(
                ctx, person_id, role=form.role.data, reach=form.scope.data, tags=form.tags()
            )
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("Saved. It holds from their next click on."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    return _person_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _person_page(found: service.MemberEntry, form: SeatForm) -> str:
    return render_template(
        "people/person.html",
        person=found,
        form=form,
        button=ButtonForm(formdata=None),
        roles=roles.listing(context()),
    )


@blueprint.post("/people/<uuid:person_id>/invite")
@requires("people.manage")
def invite_again(person_id: UUID) -> Page:
    """Make a new link for somebody who has not come, or comes back; the old one ends."""
    ctx = context()
    found = service.get(ctx, person_id)
    made = invitations.invite(
        ctx,
        email=found.email,
        name=found.name,
        role=found.role,
        reach=found.reach,
        tags=found.tags,
    )
    return _invited(ctx, made)


@blueprint.get("/people/<uuid:person_id>/end")
@requires("people.manage")
def ask_to_end(person_id: UUID) -> str:
    """Ask before somebody's access or invitation ends."""
    found = service.get(context(), person_id)
    act, back = url_for(".end", person_id=person_id), url_for(".listing")
    if found.is_invited:
        return ask(
            Question(
                title=_("Withdraw the invitation of %(name)s?", name=found.name),
                text=_("The link stops working at once."),
                label=_("Withdraw"),
                tone="danger",
                act=act,
                back=back,
            )
        )
    return ask(
        Question(
            title=_("End the access of %(name)s?", name=found.name),
            text=_(
                "They are out with their next click. What they did here stays, with their name."
            ),
            label=_("End access"),
            tone="danger",
            act=act,
            back=back,
        )
    )


@blueprint.post("/people/<uuid:person_id>/end")
@requires("people.manage")
def end(person_id: UUID) -> Response:
    """End somebody's access, or their invitation."""
    ctx = context()
    found = service.get(ctx, person_id)
    service.deactivate(ctx, person_id)
    flash(_("%(name)s has no access any more.", name=found.name))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


@blueprint.get("/people/second-factor")
@requires("tenant.manage")
def ask_for_factor() -> str:
    """Ask before everybody needs a second factor, or needs it no longer."""
    ctx = context()
    act, back = url_for(".require_factor"), url_for(".listing")
    if ctx.tenant.requires_second_factor:
        return ask(
            Question(
                title=_("Let people in by their password alone?"),
                text=_("Whoever has a second factor keeps it."),
                label=_("No longer ask for it"),
                act=act,
                back=back,
            )
        )
    lacking = [
        one.name for one in service.listing(ctx) if one.is_active and not one.has_second_factor
    ]
    return ask(
        Question(
            title=_("Ask everybody for a second factor?"),
            text=_("Who has none is led to set one up, and sees nothing of the company before."),
            warnings=[_("These have none yet: %(names)s", names=", ".join(lacking[:20]))]
            if lacking
            else [],
            label=_("Ask everybody"),
            act=act,
            back=back,
        )
    )


@blueprint.post("/people/second-factor")
@requires("tenant.manage")
def require_factor() -> Response:
    """Turn it on where it is off, and off where it is on."""
    ctx = context()
    is_required = not ctx.tenant.requires_second_factor
    second_factor.require_of_members(ctx, is_required=is_required)
    flash(
        _("Everybody needs a second factor from now on.")
        if is_required
        else _("A second factor is everybody's own choice again.")
    )
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
