"""What plugins and the standards' own rules find in documents before a number is used.

Which formats a document must pass is the customer's choice, else the tenant's.
A format whose plugin is off or fails stops the document: nobody may issue what
could not be checked.
"""

from collections.abc import Sequence

from billhook.domain.documents import Document
from billhook.plugins.relay import Relay
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.hookspecs.documents import Stage
from billhook.services import preferences, publishing
from billhook.services.fencing import Refused, ask

Findings = tuple[Problem, ...] | Refused


def findings(
    ctx: Context, relay: Relay, documents: Sequence[Document], stage: Stage
) -> list[Findings]:
    """Return per document what plugins and formats find, in order. Writes nothing."""
    said = ask(lambda batch: _plugin_findings(ctx, relay, batch, stage), documents)
    if not documents:
        return []
    return [
        _joined(before, after)
        for before, after in zip(said, _format_findings(ctx, relay, documents), strict=True)
    ]


def _plugin_findings(
    ctx: Context, relay: Relay, documents: Sequence[Document], stage: Stage
) -> list[tuple[Problem, ...]]:
    """Join what every plugin says of each document."""
    found: list[list[Problem]] = [[] for _document in documents]
    for contribution in relay.call("document_problems", ctx=ctx, documents=documents, stage=stage):
        for problems, said in zip(found, contribution.value, strict=True):
            problems.extend(said)
    return [tuple(problems) for problems in found]


def _format_findings(ctx: Context, relay: Relay, documents: Sequence[Document]) -> list[Findings]:
    """Return per document what its formats' rules find, in order."""
    wanted = preferences.of_customers(ctx, {document.customer_id for document in documents})
    found: list[Findings] = [()] * len(documents)
    for key in sorted({key for one in wanted.values() for key in one.formats}):
        places = [
            place
            for place, document in enumerate(documents)
            if key in wanted[document.customer_id].formats
        ]
        asked = [documents[place] for place in places]
        for place, said in zip(places, _verdicts(ctx, relay, key, asked), strict=True):
            found[place] = _joined(found[place], said)
    return found


def _verdicts(
    ctx: Context, relay: Relay, key: str, documents: Sequence[Document]
) -> list[Findings]:
    publications = publishing.publications(ctx, documents)
    written = ask(lambda batch: relay.document_format(key, ctx).write(batch), publications)
    return [one if isinstance(one, Refused) else one.verdict.findings for one in written]


def _joined(before: Findings, said: Findings) -> Findings:
    if isinstance(before, Refused):
        return before
    if isinstance(said, Refused):
        return said
    return before + said
