"""Splitting a draft or an issued document, with the parts counted before anything is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook import limits
from billhook.domain.bills import BillLine
from billhook.domain.splitting import letter
from billhook.errors import Conflict, PeriodClosed, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.services import crediting, documents, drafting, rebilling, splitting
from billhook.services.document_bills import numbered_lines
from billhook.services.splitting import PartView
from billhook.web.access import context, requires
from billhook.web.objects import address_of
from billhook.web.papers.split_input import MOST_LINES, OFFERED, Typed, read, typed

blueprint = Blueprint("splitting", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is to be split, as the page shows it."""

    name: str
    currency: str
    lines: Mapping[int, BillLine]
    net: int
    is_document: bool
    act: str
    preview: str
    back: str
    version: int = 0


@blueprint.get("/drafts/<uuid:draft_id>/split")
@requires("drafts.edit")
def draft(draft_id: UUID) -> str:
    """Ask how a draft is to be split."""
    return _first(_draft(draft_id))


@blueprint.post("/drafts/<uuid:draft_id>/split/preview")
@requires("drafts.edit")
def preview_draft(draft_id: UUID) -> str:
    """Show the parts that the form would make; writes nothing."""
    whole = _draft(draft_id)
    given = typed(request.form, _numbers(whole))
    return _fragment(whole, *_draft_parts(draft_id, given))


@blueprint.post("/drafts/<uuid:draft_id>/split")
@requires("drafts.edit")
def split_draft(draft_id: UUID) -> Response | tuple[str, int]:
    """Make the parts of a draft."""
    whole = _draft(draft_id)
    given = typed(request.form, _numbers(whole))
    if request.form.get("act") != "split" or not ButtonForm().validate():
        return _page(whole, given, _draft_parts(draft_id, given)), HTTPStatus.OK
    how, problems = read(given)
    try:
        if how:
            made = splitting.split(
                context(),
                draft_id,
                how,
                payers=given.payers,
                version=_version(),
                key=request.form.get("key") or None,
            )
            flash(_("The draft was split into %(count)s drafts.", count=len(made)))
            page = address_of("draft", made[0].id) or url_for("home.home")
            return redirect(page, HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        problems = list(error.problems)
    except Conflict as error:
        problems = [Problem(code=error.code, message=error.message)]
    page = _page(whole, given, ((), problems))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _draft(draft_id: UUID) -> Whole:
    loaded = drafting.load(context(), draft_id)
    bill = loaded.bill
    return Whole(
        name=bill.reference or splitting.short_name(draft_id),
        currency=bill.currency,
        lines=dict(enumerate(bill.lines, 1)),
        net=sum(line.amount for line in bill.lines),
        is_document=False,
        act=url_for(".split_draft", draft_id=draft_id),
        preview=url_for(".preview_draft", draft_id=draft_id),
        back=address_of("draft", draft_id) or url_for("home.home"),
        version=loaded.version,
    )


Parts = tuple[Sequence[PartView], Sequence[Problem]]


def _draft_parts(draft_id: UUID, given: Typed) -> Parts:
    how, problems = read(given)
    if how is None:
        return (), problems
    try:
        found = splitting.preview(context(), draft_id, how, payers=given.payers)
    except ValidationFailed as error:
        return (), error.problems
    except Conflict as error:
        return (), [Problem(code=error.code, message=error.message)]
    return found.parts, ()


# Issued documents


@blueprint.get("/documents/<uuid:document_id>/split")
@requires("documents.credit")
def document(document_id: UUID) -> str:
    """Ask how an issued document is to be split: by credit and new drafts."""
    return _first(_document(document_id))


@blueprint.post("/documents/<uuid:document_id>/split/preview")
@requires("documents.credit")
def preview_document(document_id: UUID) -> str:
    """Show the parts that the form would make; writes nothing."""
    whole = _document(document_id)
    given = typed(request.form, _numbers(whole))
    return _fragment(whole, *_document_parts(document_id, given))


@blueprint.post("/documents/<uuid:document_id>/split")
@requires("documents.credit")
def split_document(document_id: UUID) -> Response | tuple[str, int]:
    """Credit what is left of a document, and make drafts of its parts."""
    whole = _document(document_id)
    given = typed(request.form, _numbers(whole))
    if request.form.get("act") != "split" or not ButtonForm().validate():
        return _page(whole, given, _document_parts(document_id, given)), HTTPStatus.OK
    how, problems = read(given)
    reason = given.reason.strip()
    if not reason or len(reason) > limits.REASON:
        message = _("Say why: the reason stands on the credit note.")
        problems = [*problems, Problem(code="input.missing", path="reason", message=message)]
    try:
        if how and not problems:
            made = rebilling.split(
                context(),
                document_id,
                how,
                reason=reason,
                payers=given.payers,
                key=request.form.get("key") or None,
            )
            flash(
                _(
                    "Credit note %(number)s was issued, and %(count)s drafts wait to be issued.",
                    number=made.note.number,
                    count=len(made.parts),
                )
            )
            page = url_for("documents.document", document_id=document_id)
            return redirect(page, HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        problems = list(error.problems)
    except (Conflict, PeriodClosed) as error:
        problems = [Problem(code=error.code, message=error.message)]
    page = _page(whole, given, ((), problems))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _document(document_id: UUID) -> Whole:
    ctx = context()
    entry = documents.get(ctx, document_id).entry
    note = crediting.preview(ctx, document_id)
    lines = numbered_lines(ctx, note)
    return Whole(
        name=entry.number,
        currency=entry.currency,
        lines=lines,
        net=note.net,
        is_document=True,
        act=url_for(".split_document", document_id=document_id),
        preview=url_for(".preview_document", document_id=document_id),
        back=url_for("documents.document", document_id=document_id),
    )


def _document_parts(document_id: UUID, given: Typed) -> Parts:
    how, problems = read(given)
    if how is None:
        return (), problems
    try:
        found = rebilling.preview(context(), document_id, how, payers=given.payers)
    except ValidationFailed as error:
        return (), error.problems
    except Conflict as error:
        return (), [Problem(code=error.code, message=error.message)]
    return found.parts, ()


# Both


def _first(whole: Whole) -> str:
    """Return the page as it is opened; what has one line alone can be split by percentage only."""
    usual = {"how": "lines" if len(whole.lines) > 1 else "percent"}
    return _page(whole, typed({**usual, **request.args}, _numbers(whole)), ())


def _numbers(whole: Whole) -> list[int]:
    return list(whole.lines)[:MOST_LINES]


def _fragment(whole: Whole, parts: Sequence[PartView], problems: Sequence[Problem]) -> str:
    return render_template(
        "papers/split_preview.html",
        whole=whole,
        parts=parts,
        problems=problems,
        together=_together(parts),
    )


def _together(parts: Sequence[PartView]) -> int:
    return sum(line.amount for part in parts for line in part.bill.lines)


def _page(whole: Whole, given: Typed, found: Parts | tuple[()]) -> str:
    parts, problems = found or ((), ())
    shown = _numbers(whole)
    return render_template(
        "papers/split.html",
        whole=whole,
        lines=[(number, whole.lines[number]) for number in shown],
        is_long=len(whole.lines) > len(shown),
        has_sections=len({(one.section_key, one.section_label) for one in whole.lines.values()})
        > 1,
        given=given,
        letters=[letter(part) for part in range(OFFERED)],
        parts=parts,
        problems=problems,
        together=_together(parts),
        errors={problem.path: problem.message for problem in problems},
        key=request.form.get("key") or str(new_id()),
        form=ButtonForm(),
    )
