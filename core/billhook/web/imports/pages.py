"""The pages of imports."""

import io
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from billhook import downloads
from billhook.bounds import takes
from billhook.domain.publications import FileContent
from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import files, import_runs
from billhook.services.exports.sheets import write
from billhook.services.import_runs import Options, Stage
from billhook.services.import_runs.showing import PERMISSIONS
from billhook.services.importing import KINDS as ALL_KINDS
from billhook.services.importing import ImportKind
from billhook.services.imports.sheets import BrokenFile
from billhook.web.access import context, requires
from billhook.web.imports.listing import KINDS, PAGE, badge
from billhook.web.list_routes import add_list
from billhook.web.navigation import may

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

ERRORS_SHOWN = 100

add_list(blueprint, PAGE)


class FileForm(FlaskForm):  # type: ignore[misc]
    """A file, and what it holds."""

    kind = RadioField(
        lazy_gettext("What the file holds"),
        choices=[SelectChoice(kind, text) for kind, text in KINDS.items()],
        validators=[InputRequired(lazy_gettext("Say what the file holds."))],
    )
    file = FileField(lazy_gettext("File"))
    source = StringField(
        lazy_gettext("Where the charges come from"), render_kw={"autocomplete": "off"}
    )

    @classmethod
    def of(cls, kind: str) -> "FileForm":
        """Return the form with the kinds that the member may bring in."""
        form = cls(kind=kind if kind in KINDS else None)
        form.kind.choices = [
            SelectChoice(kind, text) for kind, text in KINDS.items() if may(PERMISSIONS[kind])
        ]
        return form


@blueprint.get("/new")
@requires("imports.create")
def new() -> str:
    """Ask for a file."""
    return _form(FileForm.of(request.args.get("kind", "")))


@blueprint.post("")
@requires("imports.create")
@takes(body=files.LARGEST + 64 * 1024)
def bring() -> Response | tuple[str, int]:
    """Keep a file, and go on to its columns."""
    form = FileForm.of("")
    sent = form.file.data
    try:
        if not sent:
            form.validate()
            form.file.errors = [_("Choose a file.")]
        elif form.validate():
            run_id = import_runs.bring(
                context(),
                form.kind.data,
                name=sent.filename or "",
                content=sent.read(),
                source=form.source.data or "",
            )
            return redirect(url_for(".run", run_id=run_id), HTTPStatus.SEE_OTHER)
    except BrokenFile as error:
        form.file.errors = [error.message]
    except ValidationFailed as error:
        show(form, error.problems)
    return _form(form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/template/<kind>.csv")
@requires("imports.create")
def template(kind: str) -> Response:
    """Load an empty file with the header of a kind."""
    name = _kind(kind)
    content = import_runs.template(name)
    return downloads.passing(
        FileContent(name=f"{name}.csv", content_type="text/csv", content=content)
    )


@blueprint.get("/<uuid:run_id>")
@requires("imports.create")
def run(run_id: UUID) -> str:
    """Show an import: its columns to be matched, how far it is, or what it found."""
    ctx = context()
    entry = import_runs.get(ctx, run_id)
    if entry.stage in (Stage.CHECKING, Stage.STORING):
        return render_template("imports/under_way.html", entry=entry, state=badge(entry.stage))
    if entry.stage is Stage.BROUGHT or "columns" in request.args:
        return render_template(
            "imports/columns.html",
            entry=entry,
            columns=import_runs.columns_of(ctx, run_id),
            fields=import_runs.fields_of(entry.kind),
            form=ButtonForm(),
        )
    return render_template(
        "imports/result.html",
        entry=entry,
        kind=KINDS[entry.kind],
        state=badge(entry.stage),
        errors=entry.result.errors[:ERRORS_SHOWN],
        warnings=entry.result.warnings[:ERRORS_SHOWN],
        stage=entry.stage,
        form=ButtonForm(),
    )


@blueprint.post("/<uuid:run_id>/check")
@requires("imports.create")
@takes(fields=1_000)
def check(run_id: UUID) -> Response:
    """Try the file with the columns as they were matched."""
    ctx = context()
    columns = import_runs.columns_of(ctx, run_id)
    chosen = {
        column.header: request.form.get(f"column-{place}", column.guess)
        for place, column in enumerate(columns)
        if column.header
    }
    earlier = import_runs.get(ctx, run_id).options
    import_runs.check(ctx, run_id, Options(explicit=chosen, source=earlier.source))
    return redirect(url_for(".run", run_id=run_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:run_id>/store")
@requires("imports.create")
def store(run_id: UUID) -> Response:
    """Store the rows that were tried; those that are good alone where the button says so."""
    import_runs.store(context(), run_id, skip_bad=request.form.get("rows") == "good")
    flash(_("The file is read now. This page shows what came of it."))
    return redirect(url_for(".run", run_id=run_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:run_id>/progress")
@requires("imports.create")
def progress(run_id: UUID) -> Response:
    """Tell how far a file is read; once it is, its page is loaded anew."""
    entry = import_runs.get(context(), run_id)
    response = make_response(render_template("imports/progress.html", entry=entry))
    if entry.stage not in (Stage.CHECKING, Stage.STORING):
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/<uuid:run_id>/bad-rows.csv")
@requires("imports.create")
def bad_rows(run_id: UUID) -> Response:
    """Load the bad rows with what to do about each: to be mended and brought in again."""
    header, rows = import_runs.bad_rows(context(), run_id)
    out = io.BytesIO()
    write(out, "csv", header, rows)
    content = FileContent(name="bad-rows.csv", content_type="text/csv", content=out.getvalue())
    return downloads.passing(content)


def _form(form: FileForm) -> str:
    return render_template("imports/new.html", form=form, kinds=KINDS)


def _kind(text: str) -> ImportKind:
    for kind in ALL_KINDS:
        if kind == text:
            return kind
    raise NotFound
