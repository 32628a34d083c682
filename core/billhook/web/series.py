"""Number series: what numbers documents, which number comes next, and how it is written."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from billhook.domain.states import DocumentType
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.services import brands, series_views
from billhook.services import series as service
from billhook.services.series_views import SeriesView
from billhook.web.access import context, requires
from billhook.web.labels import label
from billhook.web.versions import Meanwhile, VersionedForm, keep_typed

blueprint = Blueprint("series", __name__, url_prefix="/series")

NEEDED = [InputRequired(_("This is needed. Fill it in."))]
PLAIN = {"autocomplete": "off", "spellcheck": "false", "maxlength": 60}


class SeriesForm(VersionedForm):
    """How a series numbers."""

    pattern = StringField(_("Pattern"), validators=NEEDED, render_kw=PLAIN)
    restarts_yearly = BooleanField(_("Begin anew each year"))
    first_number = IntegerField(_("Begins at"), validators=[Optional()], render_kw={"min": 1})

    @classmethod
    def of(cls, known: SeriesView) -> "SeriesForm":
        """Return the form; what is fixed once documents are numbered is not asked."""
        form = cls(obj=known)
        if known.is_used:
            del form.restarts_yearly, form.first_number
        return form


class NewSeriesForm(FlaskForm):  # type: ignore[misc]
    """A series of a brand's own."""

    brand = SelectField(_("Brand"))
    kind = SelectField(_("For"))
    pattern = StringField(_("Pattern"), validators=NEEDED, render_kw=PLAIN)

    @classmethod
    def of(cls) -> "NewSeriesForm":
        """Return the form with the brands that there are."""
        form = cls()
        form.brand.choices = [(one.code, one.name) for one in brands.listing(context())]
        form.kind.choices = [(one.value, label(one)) for one in DocumentType]
        return form


@blueprint.get("")
@requires("documents.view")
def listing() -> str:
    """List the series with their next numbers and what each year numbered."""
    return render_template("series/listing.html", series=series_views.listing(context()))


@blueprint.get("/<code>")
@requires("series.manage")
def one(code: str) -> str:
    """Show a series to change it."""
    known = series_views.get(context(), code)
    return _page(SeriesForm.of(known), known)


@blueprint.post("/<code>")
@requires("series.manage")
def change(code: str) -> Response | tuple[str, int]:
    """Change how a series numbers from now on."""
    ctx = context()
    known = series_views.get(ctx, code)
    form = SeriesForm.of(known)
    meanwhile: list[Meanwhile] = []
    try:
        if form.validate():
            service.change(
                ctx,
                code,
                pattern=form.pattern.data,
                restarts_yearly=None if known.is_used else bool(form.restarts_yearly.data),
                first_number=None if known.is_used else form.first_number.data,
                version=form.read_version(),
            )
            flash(gettext("The series was saved. Numbers that were given stay as they are."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    except Conflict:
        known = series_views.get(ctx, code)
        saved = {"pattern": known.pattern}
        meanwhile = keep_typed(form, saved, known.version)
    return _page(form, known, meanwhile), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<code>/example")
@requires("series.manage")
def example(code: str) -> str:
    """Write the next numbers by what is typed, for the form to show beside it."""
    known = series_views.get(context(), code)
    typed = request.args
    first = typed.get("first_number", "")
    begin = int(first) if first.isascii() and first.isdigit() and len(first) < 16 else 1
    return render_template(
        "series/examples.html",
        numbers=series_views.examples(
            typed.get("pattern", "").strip(),
            restarts_yearly=known.restarts_yearly if known.is_used else "restarts_yearly" in typed,
            begin=series_views.next_number(known, context().today()) if known.is_used else begin,
            on=context().today(),
        ),
    )


@blueprint.get("/_new")
@requires("series.manage")
def new() -> str:
    """Ask for a series of a brand's own."""
    return render_template("series/new.html", form=NewSeriesForm.of())


@blueprint.post("/_new")
@requires("series.manage")
def add() -> Response | tuple[str, int]:
    """Give a brand a series of its own."""
    form = NewSeriesForm.of()
    try:
        if form.validate():
            kind = DocumentType(form.kind.data)
            service.create(context(), form.brand.data, kind, pattern=form.pattern.data)
            flash(gettext("The brand's documents are numbered by it from now on."))
            return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    return render_template("series/new.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(form: SeriesForm, known: SeriesView, meanwhile: list[Meanwhile] | None = None) -> str:
    return render_template(
        "series/one.html",
        form=form,
        series=known,
        numbers=known.next_numbers,
        meanwhile=meanwhile or [],
    )
