"""A plugin of all that leaves the house, for tests: a renderer, an e-invoice format, a channel.

It keeps a list of what it was asked, and does as its switches say.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, fields
from types import ModuleType
from typing import Any

from billhook.domain.deliveries import Memo, Receipt, Recipient, Trial, TrialStep
from billhook.domain.publications import Publication
from billhook.problems import Problem
from billhook.sdk.providers import Page, Rendered, Verdict, Written
from billhook.testing.plugins import plugin_module

RENDERER, FORMAT, CHANNEL = "paper.print", "paper.tablet", "paper.pigeon"


@dataclass(slots=True)
class Paper:
    """What the plugin does, and what it was asked to do."""

    findings: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    """What the rules find, by the customer's reference."""
    rules: str = "Clay rules 1"
    rendered: list[str] = field(default_factory=list)
    written: list[Publication] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    """What the next acts raise, one after the other."""
    receipts: list[Receipt] = field(default_factory=list)
    """What the next sendings return, instead of that all was taken."""
    after_committing: list[Callable[[], None]] = field(default_factory=list)
    """What happens in the next sendings once they passed the point of no return."""

    def copy(self) -> "Paper":
        """Return another plugin's doings, which begin where these are."""
        return Paper(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def act(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


def paper_plugin(paper: Paper) -> ModuleType:
    """Return the plugin; its keys are `RENDERER`, `FORMAT` and `CHANNEL`."""

    class Print:
        key = RENDERER
        content_type = "application/pdf"
        extension = "pdf"

        def __init__(self, ctx: Any) -> None:
            pass

        def render(self, pages: Any) -> Any:
            paper.act()
            return [_printed(page, paper) for page in pages]

    class Tablet:
        key = FORMAT
        content_type = "application/xml"
        extension = "xml"

        def __init__(self, ctx: Any) -> None:
            pass

        def write(self, publications: Any) -> Any:
            paper.act()
            paper.written += publications
            return [
                Written(
                    content=f"<clay>{one.number}</clay>".encode(),
                    verdict=Verdict(
                        rules=paper.rules,
                        findings=paper.findings.get(one.document.buyer.party.reference, ()),
                    ),
                )
                for one in publications
            ]

    class Pigeon:
        key = CHANNEL

        def __init__(self, ctx: Any) -> None:
            pass

        def recipients(self, addressee: Any, chosen: Any = ()) -> Any:
            party = addressee.party
            people = [
                Recipient(address=one.email, kind=one.receives, name=one.name)
                for one in addressee.contacts
            ]
            if chosen or not party.email:
                return list(chosen) or people
            return [Recipient(address=party.email, name=party.name), *people]

        def recipient_problems(self, recipients: Any) -> Any:
            return [
                Problem(code="paper.no_loft", path="recipients", message="Where is that?")
                for one in recipients
                if "@" not in one.address
            ]

        def send(self, dispatch: Any, committing: Any) -> Any:
            paper.act()
            committing()
            if paper.after_committing:
                paper.after_committing.pop(0)()
            paper.sent.append(dispatch)
            if paper.receipts:
                return paper.receipts.pop(0)
            return Receipt(remote_id=f"{dispatch.id}@pigeon", answer="coo")

        def carry(self, memo: Any) -> Any:
            paper.act()
            paper.memos.append(memo)
            return Receipt(remote_id="memo@pigeon", answer="coo")

        def trial(self, sender: Any, recipient: Any) -> Any:
            return Trial(steps=(TrialStep(what="Fly", answer="coo"),))

    def register_renderers() -> Any:
        return [Print]

    def register_document_formats() -> Any:
        return [Tablet]

    def register_channels() -> Any:
        return [Pigeon]

    return plugin_module("paper", register_renderers, register_document_formats, register_channels)


def _printed(page: Page, paper: Paper) -> Rendered:
    paper.rendered.append(page.view.number)
    return Rendered(content=b"%PDF-1.7 " + str(len(paper.rendered)).encode() + page.html.encode())
