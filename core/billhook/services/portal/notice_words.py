"""Notices in words: what each kind says, where it leads, and the letter that says the same."""

from collections.abc import Callable, Mapping
from uuid import UUID

from babel.support import LazyProxy

from billhook.i18n import lazy_gettext as _
from billhook.services.portal.letters import Letter
from billhook.services.portal.notices import ClientNoticeKind

Facts = Mapping[str, str]

PATHS = {"document": "/documents/", "question": "/questions/"}
"""Where things of a kind are, below the portal's root."""

LABELS = {"document": _("See the document"), "question": _("See the answer")}

CHOICES = (ClientNoticeKind.DOCUMENT_ISSUED,)
"""The kinds that contacts may choose to be mailed about; of the others whoever asked gets a letter."""


def sentence(kind: ClientNoticeKind, facts: Facts) -> LazyProxy:
    """Return what a notice says, in the language in which it is read."""
    return _SENTENCES[kind](facts)


def path(object_kind: str, object_id: UUID | None) -> str:
    """Return where a notice leads, below the portal's root."""
    beginning = PATHS.get(object_kind)
    return f"{beginning}{object_id}" if beginning and object_id else "/profile"


def letter(
    kind: ClientNoticeKind, facts: Facts, *, object_kind: str, object_id: UUID | None
) -> Letter:
    """Return a letter that says what a notice says."""
    said = sentence(kind, facts)
    return Letter(
        subject=said,
        paragraphs=(said,),
        label=LABELS.get(object_kind, _("See your profile")),
        path=path(object_kind, object_id),
    )


def _issued(facts: Facts) -> LazyProxy:
    number = facts.get("number", "")
    if facts.get("type") == "credit_note":
        return _("Credit note %(number)s is here for you.", number=number)
    return _("Invoice %(number)s is here for you.", number=number)


def _refused(facts: Facts) -> LazyProxy:
    return _(
        "The change of your company's details was not taken over: %(reason)s",
        reason=facts.get("reason", ""),
    )


_SENTENCES: Mapping[ClientNoticeKind, Callable[[Facts], LazyProxy]] = {
    ClientNoticeKind.DOCUMENT_ISSUED: _issued,
    ClientNoticeKind.QUESTION_ANSWERED: lambda facts: _(
        "Your question about %(number)s was answered.", number=facts.get("number", "")
    ),
    ClientNoticeKind.QUESTION_CLOSED: lambda facts: _(
        "Your question about %(number)s was closed.", number=facts.get("number", "")
    ),
    ClientNoticeKind.PROFILE_APPROVED: lambda _facts: _(
        "The change of your company's details was taken over. Documents from now on follow it; "
        "those that you have stay as they are."
    ),
    ClientNoticeKind.PROFILE_REFUSED: _refused,
}
