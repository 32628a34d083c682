"""The company's own fields: added, changed, put in order, laid aside."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.services import field_definitions as service
from billhook.services.field_definitions import (
    PRINTABLE,
    Direction,
    FieldChange,
    FieldEntry,
    NewField,
)
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.labels import label
from billhook.web.versions import Meanwhile, VersionedForm, keep_typed

blueprint = Blueprint("own_fields", __name__, url_prefix="/own-fields")


class FieldForm(VersionedForm):
    """What a field asks for."""

    label = StringField(_("Name"), validators=[InputRequired(_("This is needed. Fill it in."))])
    kind = SelectField(_("Kind"))
    choices = TextAreaField(_("What can be chosen"), render_kw={"rows": 4})
    is_required = BooleanField(_("Must be filled in"))
    is_printed = BooleanField(_("Documents show it to the client"))

    @classmethod
    def of(cls, subject: FieldSubject, known: FieldEntry | None = None) -> "FieldForm":
        """Return the form, filled with a field's definition where there is one."""
        form = cls(**_stored(known)) if known else cls()
        form.kind.choices = [(one.value, label(one)) for one in FieldKind]
        if subject not in PRINTABLE:
            del form.is_printed
        return form

    def lines(self) -> list[str]:
        """Return what can be chosen, one for each line."""
        return (self.choices.data or "").splitlines()

    def printed(self) -> bool:
        """Tell whether documents shall show it; never where the question is not asked."""
        return bool(self.is_printed.data) if "is_printed" in self else False


@blueprint.get("")
@requires("tenant.view")
def listing() -> str:
    """List the fields of each subject, those in use before those laid aside."""
    found = service.listing(context())
    groups = [
        (subject, [one for one in found if one.definition.subject is subject])
        for subject in FieldSubject
    ]
    return render_template("own_fields/listing.html", groups=groups, form=ButtonForm())


@blueprint.get("/new/<subject>")
@requires("tenant.manage")
def new(subject: str) -> str:
    """Ask for a field."""
    of = _subject(subject)
    return _page(FieldForm.of(of), of)


@blueprint.post("/new/<subject>")
@requires("tenant.manage")
def add(subject: str) -> Response | tuple[str, int]:
    """Add a field."""
    of = _subject(subject)
    form = FieldForm.of(of)
    try:
        if form.validate():
            wanted = NewField(
                subject=of.value,
                label=form.label.data,
                kind=form.kind.data,
                choices=form.lines(),
                is_required=bool(form.is_required.data),
                is_printed=form.printed(),
            )
            service.create(context(), wanted)
            flash(gettext("The field was added. It is asked for from now on."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return _page(form, of), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<uuid:field_id>")
@requires("tenant.manage")
def field(field_id: UUID) -> str:
    """Show a field to change it."""
    known = service.get(context(), field_id)
    return _page(FieldForm.of(known.definition.subject, known), known.definition.subject, known)


@blueprint.post("/<uuid:field_id>")
@requires("tenant.manage")
def change(field_id: UUID) -> Response | tuple[str, int]:
    """Change a field; its values stay under its key."""
    ctx = context()
    known = service.get(ctx, field_id)
    form = FieldForm.of(known.definition.subject, known)
    meanwhile: list[Meanwhile] = []
    try:
        if form.validate():
            service.change(ctx, field_id, _typed(form), version=form.read_version())
            flash(gettext("The field was saved."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    except Conflict:
        known = service.get(ctx, field_id)
        saved = {name: value for name, value in _stored(known).items() if name != "version"}
        meanwhile = keep_typed(form, saved, known.version)
    page = _page(form, known.definition.subject, known, meanwhile)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/<uuid:field_id>/move")
@requires("tenant.manage")
def move(field_id: UUID) -> Response:
    """Let a field change places with its neighbour."""
    way = Direction.UP if request.form.get("way") == Direction.UP else Direction.DOWN
    service.move(context(), field_id, way)
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:field_id>/lay-aside")
@requires("tenant.manage")
def ask_to_lay_aside(field_id: UUID) -> str:
    """Ask before a field is laid aside."""
    known = service.get(context(), field_id)
    return ask(
        Question(
            title=gettext("Lay “%(label)s” aside?", label=known.definition.label),
            text=gettext(
                "It is asked for no more, and new documents do not show it. Its values stay, "
                "and come back when you take it up again."
            ),
            label=gettext("Lay it aside"),
            act=url_for(".lay_aside", field_id=field_id),
            back=url_for(".listing"),
        )
    )


@blueprint.post("/<uuid:field_id>/lay-aside")
@requires("tenant.manage")
def lay_aside(field_id: UUID) -> Response:
    """Ask for a field no more."""
    service.lay_aside(context(), field_id)
    flash(gettext("The field was laid aside. Its values stay."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:field_id>/take-up")
@requires("tenant.manage")
def take_up(field_id: UUID) -> Response:
    """Ask for a field again."""
    service.take_up(context(), field_id)
    flash(gettext("The field is asked for again."))
    return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)


def _typed(form: FieldForm) -> FieldChange:
    return FieldChange(
        label=form.label.data,
        kind=form.kind.data,
        choices=form.lines(),
        is_required=bool(form.is_required.data),
        is_printed=form.printed(),
    )


def _stored(known: FieldEntry) -> dict[str, object]:
    found = known.definition
    return {
        "label": found.label,
        "kind": found.kind.value,
        "choices": "\n".join(found.choices),
        "is_required": found.is_required,
        "is_printed": found.is_printed,
        "version": known.version,
    }


def _subject(word: str) -> FieldSubject:
    """Return what a field is for. Raises NotFound."""
    if word not in set(FieldSubject):
        raise NotFound(gettext("kind of field"), word)
    return FieldSubject(word)


def _page(
    form: FieldForm,
    subject: FieldSubject,
    known: FieldEntry | None = None,
    meanwhile: list[Meanwhile] | None = None,
) -> str:
    return render_template(
        "own_fields/field.html",
        form=form,
        subject=subject,
        entry=known,
        has_values=service.has_values(context(), known) if known else False,
        meanwhile=meanwhile or [],
    )
