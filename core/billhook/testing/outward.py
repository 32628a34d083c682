"""A plugin of all that leaves the house, for tests: a renderer, an e-invoice format, a channel.

It keeps a list of what it was asked, and does as its switches say.
"""

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from billhook.domain.deliveries import Receipt, Recipient, RecipientKind
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
    errors: list[BaseException] = field(default_factory=list)
    """What the next acts raise, one after the other."""

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

        def recipients(self, addressee: Any) -> Any:
            party = addressee.party
            if not party.email:
                return []
            return [Recipient(address=party.email, kind=RecipientKind.TO, name=party.name)]

        def recipient_problems(self, recipients: Any) -> Any:
            return []

        def send(self, dispatch: Any, committing: Any) -> Any:
            paper.act()
            committing()
            paper.sent.append(dispatch)
            return Receipt(remote_id=f"<{dispatch.id}@pigeon>", answer="coo")

    def register_renderers() -> Any:
        return [Print]

    def register_document_formats() -> Any:
        return [Tablet]

    def register_channels() -> Any:
        return [Pigeon]

    return plugin_module("paper", register_renderers, register_document_formats, register_channels)


def _printed(page: Page, paper: Paper) -> Rendered:
    paper.rendered.append(page.publication.number)
    return Rendered(content=b"%PDF-1.7 " + str(len(paper.rendered)).encode() + page.html.encode())
