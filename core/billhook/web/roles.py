"""Roles: what each may do, in one table; the company's own can be changed there."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import roles as service
from billhook.services.roles import RoleChange
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask

blueprint = Blueprint("roles", __name__)

Page = str | Response | tuple[str, int]


class RoleForm(FlaskForm):  # type: ignore[misc]
    """What a role is called."""

    title = StringField(
        lazy_gettext("Name"),
        validators=[
            InputRequired(lazy_gettext("Give the role a name.")),
            Length(max=limits.NAME),
        ],
        render_kw={"autocomplete": "off"},
    )
    summary = TextAreaField(lazy_gettext("What it is for"), validators=[Length(max=limits.TEXT)])


class NewRoleForm(RoleForm):
    """A new role, and which one it starts from."""

    like = SelectField(lazy_gettext("Starts as a copy of"))


@blueprint.get("/roles")
@requires("people.view")
def listing() -> str:
    """Show every role in one table: permissions down, roles across."""
    return _matrix(ButtonForm())


@blueprint.post("/roles")
@requires("people.manage")
def save() -> Page:
    """Let the own roles do what is ticked."""
    ctx = context()
    form = ButtonForm()
    changes = [
        RoleChange(
            code=role.code,
            permissions=frozenset(request.form.getlist(f"may-{role.code}")),
            version=request.form.get(f"version-{role.code}", role.version, type=int),
        )
        for role in service.listing(ctx)
        if role.is_own and f"version-{role.code}" in request.form
    ]
    try:
        service.change(ctx, changes)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _matrix(form), HTTPStatus.CONFLICT
    except ValidationFailed as error:
        show(form, error.problems)
        return _matrix(form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Saved. It holds from everybody's next click on."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


def _matrix(form: ButtonForm) -> str:
    ctx = context()
    return render_template(
        "roles/listing.html",
        roles=service.listing(ctx),
        groups=service.groups(ctx),
        held=ctx.permissions,
        form=form,
    )


@blueprint.get("/roles/new")
@requires("people.manage")
def new() -> str:
    """Ask what a new role is called and starts from."""
    return render_template("roles/new.html", form=_new_form(like=request.args.get("like", "")))


@blueprint.post("/roles/new")
@requires("people.manage")
def create() -> Page:
    """Make a role."""
    form = _new_form()
    if form.validate():
        try:
            service.create(
                context(),
                title=form.title.data,
                summary=form.summary.data or "",
                like=form.like.data,
            )
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("The role was made. Tick what it may do."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    return render_template("roles/new.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


def _new_form(**data: str) -> NewRoleForm:
    ctx = context()
    form = NewRoleForm(**data)
    form.like.choices = [
        SelectChoice("", _("No role: it may do nothing yet")),
        *(
            SelectChoice(one.code, one.title)
            for one in service.listing(ctx)
            if ctx.permissions is None or one.permissions <= ctx.permissions
        ),
    ]
    return form


@blueprint.get("/roles/<code>")
@requires("people.view")
def role(code: str) -> str:
    """Show one role: its description, and what it may do."""
    found = service.get(context(), code)
    return _role_page(found, RoleForm(title=found.title, summary=found.summary))


@blueprint.post("/roles/<code>")
@requires("people.manage")
def describe(code: str) -> Page:
    """Rename an own role."""
    ctx = context()
    found = service.get(ctx, code)
    form = RoleForm()
    if form.validate():
        try:
            service.describe(ctx, code, title=form.title.data, summary=form.summary.data or "")
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("The role was saved."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    return _role_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _role_page(found: service.RoleEntry, form: RoleForm) -> str:
    return render_template(
        "roles/role.html", role=found, form=form, groups=service.groups(context())
    )


@blueprint.get("/roles/<code>/remove")
@requires("people.manage")
def ask_to_remove(code: str) -> str:
    """Ask before a role goes."""
    found = service.get(context(), code)
    return ask(
        Question(
            title=_("Remove the role “%(title)s”?", title=found.title),
            text=_("Nobody may have it, or be invited to it."),
            label=_("Remove"),
            tone="danger",
            act=url_for(".remove", code=code),
            back=url_for(".listing"),
        )
    )


@blueprint.post("/roles/<code>/remove")
@requires("people.manage")
def remove(code: str) -> Response:
    """Remove an own role."""
    service.remove(context(), code)
    flash(_("The role was removed."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
