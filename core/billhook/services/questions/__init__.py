"""Questions and disputes of clients about documents: the company's side, and what both sides share."""

from billhook.services.questions.answering import close, file, get, reopen, reply
from billhook.services.questions.attached import Upload
from billhook.services.questions.saying import QuestionIsClosed, QuestionMoved
from billhook.services.questions.searching import (
    QuestionFilter,
    Taken,
    messages,
    of_document,
    search,
    waiting,
)
from billhook.services.questions.tasks import Answerer, answerers, assign, assignees
from billhook.services.questions.threads import (
    AttachedFile,
    QuestionEntry,
    Said,
    Thread,
    lines_of,
)

__all__ = [
    "Answerer",
    "AttachedFile",
    "QuestionEntry",
    "QuestionFilter",
    "QuestionIsClosed",
    "QuestionMoved",
    "Said",
    "Taken",
    "Thread",
    "Upload",
    "answerers",
    "assign",
    "assignees",
    "close",
    "file",
    "get",
    "lines_of",
    "messages",
    "of_document",
    "reopen",
    "reply",
    "search",
    "waiting",
]
