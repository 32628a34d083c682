"""The editor's form: what its buttons do, its answers, and its page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from babel.numbers import format_decimal
from flask import Request, Response, flash, make_response, redirect, render_template, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from billhook import i18n
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.problems import Problem
from billhook.services import attachments, draft_editing
from billhook.services.draft_editing import (
    DraftChanged,
    DraftInput,
    EditorTotals,
    OpenDraft,
    Saved,
)
from billhook.services.draft_editing.differences import Part, differences, merged
from billhook.web import headers
from billhook.web.access import context
from billhook.web.drafts import words
from billhook.web.drafts.typing import Form, moved, typed, with_line, with_room, without_line
from billhook.web.navigation import may
from billhook.web.own_fields import messages

_QUIET = frozenset({"input.missing", "draft.customer_missing"})
"""What is only not typed yet: told when it is saved, not at each pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that came: what was typed, by which button, over which version."""

    given: DraftInput
    act: str
    place: int
    version: int
    key: str
    form: Form
    files: Sequence[FileStorage]

    @classmethod
    def of(cls, request: Request) -> "Sent":
        act, _dash, place = request.form.get("act", "save").partition(":")
        return cls(
            given=typed(request.form),
            act=act,
            place=_whole(place),
            version=_whole(request.form.get("version", "")),
            key=request.form.get("key", "")[:80],
            form=request.form,
            files=[file for file in request.files.getlist("file") if file.filename],
        )

    def taken(self) -> list[Part]:
        """Return the parts that are taken from what somebody else saved."""
        return [part for part in Part if self.form.get(f"take-{part.value}") == "theirs"]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """What the editor's page shows."""

    open: OpenDraft
    given: DraftInput
    problems: Sequence[Problem] = ()
    key: str = ""
    """The same when a new draft's form is sent twice, so that one draft is made."""

    @property
    def errors(self) -> Mapping[str, list[str]]:
        """Return what is wrong with each input."""
        return messages(
            Problem(code=one.code, message=one.message, path=words.input_of(one.path))
            for one in self.problems
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What can be chosen from."""

    adjustments: words.Choices = field(default_factory=words.adjustments)
    supplies: words.Choices = field(default_factory=words.supplies)
    units: words.Choices = field(default_factory=words.units)
    countries: words.Choices = field(default_factory=words.countries)
    currencies: Sequence[str] = field(default_factory=words.currencies)


def page(shown: Editing, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Render the editor, with the totals of what it shows."""
    opened = shown.open
    found = _totals(shown)
    html = render_template(
        "drafts/editor.html",
        draft=opened,
        given=shown.given,
        errors=shown.errors,
        named=_named(shown),
        key=shown.key,
        totals=found,
        problems=_loose(shown),
        offered=Offered(),
        words=words,
        with_room=with_room,
        can_edit=may("drafts.edit") and not opened.is_too_long,
        save_to=_address(opened.draft_id),
        totals_from=url_for(".totals", draft_id=opened.draft_id)
        if opened.draft_id
        else url_for(".new_totals"),
    )
    answer = make_response(html, status)
    answer.headers["Content-Security-Policy"] = headers.WITH_OWN_FRAMES
    return answer


def _address(draft_id: UUID | None) -> str:
    return url_for(".editor", draft_id=draft_id) if draft_id else url_for(".new")


def _totals(shown: Editing) -> EditorTotals | None:
    if not may("drafts.edit") or shown.open.is_too_long:
        return None
    return draft_editing.totals(context(), shown.given, draft_id=shown.open.draft_id)


def worth_telling(problems: Iterable[Problem]) -> list[Problem]:
    """Return what is wrong with what is typed, without what is only missing yet."""
    return [one for one in problems if one.code not in _QUIET]


def _named(shown: Editing) -> str:
    """Return a customer's name where the form means another than the stored one."""
    if shown.given.customer == shown.open.customer.reference:
        return shown.open.customer.name
    return draft_editing.face(context(), shown.given.customer).name


def _loose(shown: Editing) -> list[Problem]:
    """Return the problems that belong to no input, for the top of the form."""
    return [
        one
        for one in shown.problems
        if words.input_of(one.path) in ("", "lines")
        or words.input_of(one.path).startswith(("BG-", "BT-", "BR-"))
    ]


def answer(draft_id: UUID | None, sent: Sent) -> Answer:
    """Do what a button of the form says."""
    if sent.act in _CHANGES:
        return page(_reopened(draft_id, sent, _CHANGES[sent.act](sent)))
    try:
        saved = _saved(draft_id, sent)
    except DraftChanged:
        assert draft_id is not None
        return _conflict(draft_id, sent)
    except ValidationFailed as error:
        shown = _reopened(draft_id, sent, sent.given, error.problems)
        return page(shown, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _after(saved, sent)


_CHANGES = {
    "add": lambda sent: with_line(sent.given),
    "remove": lambda sent: without_line(sent.given, sent.place),
    "up": lambda sent: moved(sent.given, sent.place, -1),
    "down": lambda sent: moved(sent.given, sent.place, 1),
}
"""Buttons that change the form and save nothing."""


def _reopened(
    draft_id: UUID | None, sent: Sent, given: DraftInput, problems: Sequence[Problem] = ()
) -> Editing:
    """Return the form as it was typed; over the version that it began with."""
    ctx = context()
    opened = draft_editing.opened(ctx, draft_id) if draft_id else draft_editing.blank(ctx)
    shown = draft_editing.at_version(opened, sent.version) if draft_id else opened
    return Editing(open=shown, given=given, problems=problems, key=sent.key)


def _saved(draft_id: UUID | None, sent: Sent) -> Saved:
    ctx = context()
    if draft_id is None:
        return draft_editing.create(ctx, sent.given, key=sent.key or None)
    given = sent.given
    if taken := sent.taken():
        given = merged(draft_editing.opened(ctx, draft_id).given, given, taken)
    return draft_editing.save(ctx, draft_id, given, version=sent.version)


def _after(saved: Saved, sent: Sent) -> Answer:
    """Go on from a saved draft: to the question whether to issue it, or to itself again."""
    if saved.waiting_again:
        flash(
            ngettext(
                "%(count)s charge waits in the queue again, as its line was removed.",
                "%(count)s charges wait in the queue again, as their lines were removed.",
                saved.waiting_again,
            )
        )
    if sent.act in ("issue", "send"):
        asked = url_for(".ask_to_issue", draft_id=saved.draft_id, act=sent.act)
        return redirect(asked, HTTPStatus.SEE_OTHER)
    if sent.act == "detach":
        _detach(saved.draft_id, sent)
    elif sent.files:
        _attach(saved.draft_id, sent)
    else:
        flash(_("The draft was saved."))
    return redirect(_address(saved.draft_id), HTTPStatus.SEE_OTHER)


def _attach(draft_id: UUID, sent: Sent) -> None:
    for file in sent.files:
        try:
            attachments.attach(
                context(),
                draft_id,
                name=file.filename or "",
                content_type=file.mimetype,
                content=file.read(),
            )
        except ValidationFailed as error:
            for problem in error.problems:
                flash(problem.message, "problem")
        else:
            flash(_("“%(name)s” goes out with the document.", name=file.filename))


def _detach(draft_id: UUID, sent: Sent) -> None:
    attached = attachments.of_draft(draft_id)
    if sent.place < len(attached):
        attachments.detach(context(), draft_id, attached[sent.place].name)
        flash(_("“%(name)s” was taken off.", name=attached[sent.place].name))


def _conflict(draft_id: UUID, sent: Sent) -> Response:
    """Show what somebody else saved beside what was typed, and let choose; nothing is lost."""
    opened = draft_editing.opened(context(), draft_id)
    html = render_template(
        "drafts/conflict.html",
        draft=opened,
        found=differences(opened.given, sent.given),
        kept=[
            (name, value)
            for name, value in sent.form.items(multi=True)
            if name not in ("csrf_token", "version") and not name.startswith("take-")
        ],
        words=words,
        save_to=_address(draft_id),
    )
    return make_response(html, HTTPStatus.CONFLICT)


def price(value: Decimal) -> str:
    """Write a price in the reader's language, with all its decimals."""
    locale = i18n.current_language().replace("-", "_")
    return format_decimal(value, format="#,##0.00##########", locale=locale)
