"""How pages say what became of a question."""

from billhook.domain.questions import DisputeReason, QuestionKind, QuestionState
from billhook.i18n import gettext as _
from billhook.services.questions import QuestionEntry
from billhook.web.labels import label
from billhook.web.lists import Badge

TONES = {
    QuestionState.OPEN: "warn",
    QuestionState.ANSWERED: "info",
    QuestionState.CLOSED: "quiet",
}


def state_of(row: QuestionEntry) -> Badge:
    """Return whom a question waits for, as a word in a colour."""
    return Badge(label(row.state), TONES[row.state])


def kind_of(row: QuestionEntry) -> Badge:
    """Return what it is, as a word in a colour."""
    return Badge(label(row.kind), "bad" if row.kind is QuestionKind.DISPUTE else "quiet")


def reason_of(row: QuestionEntry) -> str:
    """Return why a document is disputed; empty for a question."""
    return label(row.reason) if isinstance(row.reason, DisputeReason) else ""


def asker_of(row: QuestionEntry) -> str:
    """Return who asked."""
    if row.asker:
        return row.asker
    return _("By the link in a mail") if row.guest_link_id else ""
