"""The routes that each list has: the page, its sums, its export, its views and bulk acts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from itertools import islice
from typing import Any, BinaryIO
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.money import to_major
from billhook.sdk.context import Context
from billhook.services import audit, views
from billhook.services.exports.sheets import FORMATS, Cell, write
from billhook.services.views import View
from billhook.web.access import context, requires
from billhook.web.cells import row_writer
from billhook.web.lists import (
    MOST_AT_ONCE,
    PAGE,
    Badge,
    BulkAct,
    Column,
    Kind,
    ListPage,
    ListQuery,
    Money,
)
from billhook.web.navigation import may


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A list's page as its template shows it."""

    page: ListPage
    query: ListQuery
    columns: Sequence[Column]
    rows: Sequence[Any]
    next: str
    views: Sequence[View]
    bulk: Sequence[BulkAct]
    cells: Callable[[Any], Markup]
    """Writes a row's cells."""

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but the order keeps rows away."""
        return bool(self.query.text) or any(
            self.query.value(one.key) not in (one.default, "all" if one.default else "")
            for one in self.page.filters
        )

    def address(self, **changes: str | None) -> str:
        """Return the list's address with some parts changed; None leaves a part out."""
        parts = [
            (key, value)
            for key, value in request.args.items(multi=True)
            if key not in changes and key != "after" and value
        ]
        parts += [(key, value) for key, value in changes.items() if value]
        return f"{url_for('.listing')}?{urlencode(parts)}" if parts else url_for(".listing")

    def export(self, sheet_format: str) -> str:
        """Return the address of all that was found as a file."""
        parts = [(k, v) for k, v in request.args.items(multi=True) if k != "after" and v]
        path = url_for(".export_list", sheet_format=sheet_format)
        return f"{path}?{urlencode(parts)}" if parts else path

    def sums(self) -> str:
        """Return the address of the fragment with the sums."""
        return f"{url_for('.figures')}?{request.query_string.decode('ascii', 'ignore')}"

    def sorted_by(self, column: Column) -> str:
        """Return the address that sorts by a column, the other way round where it does already."""
        turned = self.query.sort == column.sort and not self.query.is_descending
        return self.address(sort=f"-{column.sort}" if turned else column.sort)

    def direction(self, column: Column) -> str:
        """Return the column's `aria-sort`."""
        if not column.sort or column.sort != self.query.sort:
            return "none"
        return "descending" if self.query.is_descending else "ascending"


def add_list(blueprint: Blueprint, page: ListPage, *, path: str = "") -> None:
    """Give a blueprint the routes of a list; `.listing` is its page."""
    holds = requires(page.permission)

    def listing() -> str:
        return render_template(page.template, list=shown(page))

    def figures() -> str:
        if page.figures is None:
            abort(HTTPStatus.NOT_FOUND)
        found = page.figures(context(), page.query())
        return render_template("list_figures.html", figures=found)

    def export_list(sheet_format: str) -> Response:
        return _export(context(), page, sheet_format)

    def save_view() -> Response:
        return _save_view(context(), page)

    def drop_view(view_id: UUID) -> Response:
        views.drop(context(), view_id)
        flash(_("The view was deleted."))
        return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)

    blueprint.add_url_rule(path, view_func=holds(listing))
    blueprint.add_url_rule(f"{path}/sums", view_func=holds(figures))
    blueprint.add_url_rule(
        f"{path}/export.<sheet_format>", view_func=requires("exports.create")(export_list)
    )
    blueprint.add_url_rule(f"{path}/views", view_func=holds(save_view), methods=["POST"])
    blueprint.add_url_rule(
        f"{path}/views/<uuid:view_id>/drop", view_func=holds(drop_view), methods=["POST"]
    )
    for act in page.bulk:
        _add_bulk(blueprint, page, act, path)


def shown(page: ListPage) -> Shown:
    """Read the request and fetch its page of the list."""
    ctx = context()
    query = page.query()
    found = page.fetch(ctx, query, after=query.after, limit=PAGE)
    columns = page.shown()
    return Shown(
        page=page,
        query=query,
        columns=columns,
        cells=row_writer(columns),
        rows=found.rows,
        next=found.next,
        views=views.listing(ctx, page.name),
        bulk=[act for act in page.bulk if may(act.permission)],
    )


def _add_bulk(blueprint: Blueprint, page: ListPage, act: BulkAct, path: str) -> None:
    def bulk() -> str | Response | tuple[str, int]:
        return _bulk(context(), page, act)

    blueprint.add_url_rule(
        f"{path}/bulk/{act.key}",
        endpoint=f"bulk_{act.key}",
        view_func=requires(act.permission)(bulk),
        methods=["POST"],
    )


def _bulk(ctx: Context, page: ListPage, act: BulkAct) -> str | Response | tuple[str, int]:
    """Ask first; do it once the question was answered."""
    ctx.require(page.permission)
    chosen = _chosen(ctx, page)
    back = _back()
    if not chosen:
        flash(_("Choose at least one row first."))
        return redirect(back, HTTPStatus.SEE_OTHER)
    if request.form.get("confirmed") != "yes":
        question = act.question(ctx, chosen)
        return render_template(
            "list_question.html", act=act, chosen=chosen, question=question, back=back
        )
    outcome = act.act(ctx, chosen)
    flash(outcome.text)
    for problem in outcome.problems:
        flash(problem, "problem")
    return redirect(outcome.page or back, HTTPStatus.SEE_OTHER)


def _chosen(ctx: Context, page: ListPage) -> list[UUID]:
    """Return the rows that were ticked, or all that the list's address finds."""
    if request.form.get("everything") == "yes":
        found = page.all_rows(ctx, page.query())
        return [UUID(str(page.identify(row))) for row in islice(found, MOST_AT_ONCE)]
    ticked = []
    for text in request.form.getlist("id")[:MOST_AT_ONCE]:
        try:
            ticked.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(ticked))


def _back() -> str:
    query = request.query_string.decode("ascii", "ignore")
    return f"{url_for('.listing')}?{query}" if query else url_for(".listing")


def _save_view(ctx: Context, page: ListPage) -> Response:
    try:
        views.save(
            ctx,
            page.name,
            title=request.form.get("title", ""),
            query=request.query_string.decode("ascii", "ignore"),
            is_shared=request.form.get("is_shared") == "yes",
        )
        flash(_("The view was saved. You find it under “Views”."))
    except ValidationFailed as error:
        for problem in error.problems:
            flash(problem.message, "problem")
    return redirect(_back(), HTTPStatus.SEE_OTHER)


def _export(ctx: Context, page: ListPage, sheet_format: str) -> Response:
    """Write all that was found as a file, in the columns that are shown."""
    ctx.require(page.permission)
    if sheet_format not in FORMATS:
        abort(HTTPStatus.NOT_FOUND)
    columns = page.shown()

    def fill(file: BinaryIO) -> None:
        rows = (list(_cells(columns, row)) for row in page.all_rows(ctx, page.query()))
        count = write(file, sheet_format, list(_header(columns)), rows)  # type: ignore[arg-type]
        with ctx.transaction():
            audit.record(ctx, "export.finished", "export", new_id(), kind=page.name, rows=count)

    return downloads.written(
        fill,
        name=f"{page.name}.{sheet_format}",
        content_type=downloads.SHEETS[sheet_format],
    )


def _header(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        yield column.key
        if column.kind is Kind.MONEY:
            yield f"{column.key}_currency"


def _cells(columns: Sequence[Column], row: Any) -> Iterator[Cell]:
    for column in columns:
        value = column.value(row)
        match value:
            case Money():
                yield to_major(value.minor, value.currency)
                yield value.currency
            case Badge():
                yield value.text
            case None if column.kind is Kind.MONEY:
                yield from (None, None)
            case None | int() | Decimal() | str() | date():
                yield value
            case _:
                yield str(value)
