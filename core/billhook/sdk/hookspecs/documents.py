"""What plugins say about documents."""

from collections.abc import Sequence
from typing import Literal

from billhook.domain.documents import Document
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.hookspecs.markers import Failure, hookspec

Stage = Literal["draft", "issue"]


@hookspec(failure=Failure.STRICT, since="0.1", one_per="documents")
def document_problems(
    ctx: Context, documents: Sequence[Document], stage: Stage
) -> Sequence[Sequence[Problem]]:
    """Tell what is wrong with each document: one sequence of problems per document.

    Asked in batches before a number is used, outside any transaction. An error
    stops the document's issue; on a bill run its payer is parked.
    """
