"""Handing the journal of some days over to an accountant."""

from datetime import date, timedelta
from http import HTTPStatus
from io import BytesIO

from flask import render_template, send_file
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField
from wtforms.validators import InputRequired

from billhook import downloads
from billhook.errors import BillhookError, ValidationFailed
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import handing_over
from billhook.web.access import context, requires
from billhook.web.ledger.rooms import blueprint

CSV = "csv"


class HandOverForm(FlaskForm):  # type: ignore[misc]
    """Which days, in which format."""

    since = DateField(_("First day"), validators=[InputRequired(_("Choose the first day."))])
    until = DateField(_("Last day"), validators=[InputRequired(_("Choose the last day."))])
    way = RadioField(_("Format"))

    @classmethod
    def of(cls, ctx: Context) -> "HandOverForm":
        first, last = _last_month(ctx.today())
        form = cls(since=first, until=last, way=CSV)
        form.way.choices = [
            (CSV, gettext("CSV, a row for each posting")),
            *((way.key, way.title) for way in handing_over.ways(ctx)),
        ]
        return form

    def validate_until(self, field: DateField) -> None:
        if self.since.data and field.data and field.data < self.since.data:
            self.until.errors = [gettext("The last day is before the first one.")]


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


@blueprint.get("/hand-over")
@requires("exports.create")
def hand_over() -> str:
    """Ask for days and format."""
    ctx = context()
    ctx.require("ledger.view")
    return render_template("ledger/hand_over.html", form=HandOverForm.of(ctx))


@blueprint.post("/hand-over")
@requires("exports.create")
def handed_over() -> Response | tuple[str, int]:
    """Give the file, or say why there is none."""
    ctx = context()
    ctx.require("ledger.view")
    form = HandOverForm.of(ctx)
    if not form.validate_on_submit() or form.until.errors:
        return _again(form)
    try:
        return _file(ctx, form.way.data, form.since.data, form.until.data)
    except ValidationFailed as error:
        form.form_errors.extend(problem.message for problem in error.problems)
    except BillhookError as error:
        form.form_errors.append(error.message)
    return _again(form)


def _again(form: HandOverForm) -> tuple[str, int]:
    page = render_template("ledger/hand_over.html", form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _file(ctx: Context, way: str, since: date, until: date) -> Response:
    if way == CSV:
        return downloads.written(
            lambda file: handing_over.write_csv(ctx, since, until, file),
            name=f"journal-{since.isoformat()}-{until.isoformat()}.csv",
            content_type=downloads.SHEETS["csv"],
        )
    file = handing_over.export(ctx, way, since, until)
    return send_file(
        BytesIO(file.content),
        mimetype=file.content_type,
        as_attachment=True,
        download_name=file.name,
    )
