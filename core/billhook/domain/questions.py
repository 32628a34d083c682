"""Questions and disputes about documents: who waits for whom, and why a document is disputed."""

from enum import StrEnum


class QuestionKind(StrEnum):
    QUESTION = "question"
    DISPUTE = "dispute"


class QuestionState(StrEnum):
    OPEN = "open"  # waits for the company
    ANSWERED = "answered"  # waits for the client
    CLOSED = "closed"


class DisputeReason(StrEnum):
    """Why a client does not agree to a document."""

    WRONG_AMOUNT = "wrong_amount"
    NOT_RECEIVED = "not_received"
    ALREADY_PAID = "already_paid"
    DUPLICATE = "duplicate"
    WRONG_DATA = "wrong_data"
    OTHER = "other"


class Side(StrEnum):
    """Who says something."""

    CLIENT = "client"
    COMPANY = "company"


class ThreadAct(StrEnum):
    """What a message does beside saying something."""

    SAID = ""
    CLOSED = "closed"
    REOPENED = "reopened"


def state_after(act: ThreadAct, side: Side) -> QuestionState:
    """Return whom a question waits for once a side has done something."""
    if act is ThreadAct.CLOSED:
        return QuestionState.CLOSED
    return QuestionState.OPEN if side is Side.CLIENT else QuestionState.ANSWERED
