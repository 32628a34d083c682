import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pypdf
import pytest

from billhook.domain.brands import Brand, Sender, Template
from billhook.domain.document_view import DocumentView, ViewParty
from billhook.domain.documents import BaseCurrency, Document, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.publications import Publication, Stage
from billhook.domain.states import DocumentType
from billhook.sdk.providers import Page, Rendered
from billhook_render_pdf import bounds, fonts, keeper, ordering, printing
from billhook_render_pdf.renderer import PdfRenderer

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _fonts() -> None:
    if not fonts.is_installed():
        pytest.fail("The fonts are missing. Run bin/_install where npm's packages can be had.")


@pytest.fixture
def page() -> Callable[..., Page]:
    """Make a page of some markup."""

    def make(html: str, resources: Mapping[str, bytes] | None = None, **view: object) -> Page:
        return Page(
            publication=_publication(), view=_view(**view), html=html, resources=resources or {}
        )

    return make


@pytest.fixture
def rendered(page) -> Callable[..., Rendered]:
    """Print a page of some markup."""

    def render(*args: object, **kwargs: object) -> Rendered:
        (answer,) = PdfRenderer(None).render([page(*args, **kwargs)])
        return answer

    return render


@pytest.fixture
def texts(rendered) -> Callable[..., list[str]]:
    """Print a page of some markup and read back the text of each page of paper."""

    def render(*args: object, **kwargs: object) -> list[str]:
        return read(rendered(*args, **kwargs).content)

    return render


def read(content: bytes) -> list[str]:
    return [sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(content)).pages]


@pytest.fixture
def private_keeper(monkeypatch) -> Iterator[Callable[..., int]]:
    """Return a function that starts a keeper of our own, with bounds of our own; the default is none."""
    folder = Path(tempfile.mkdtemp(prefix="pdf-", dir="/tmp"))  # paths of sockets are short
    monkeypatch.setattr(ordering, "private_folder", lambda: folder)
    started: list[int] = []

    def start(**limits: object) -> int:
        door = keeper.listen(folder)
        pid = os.fork()
        if pid == 0:
            try:
                for name, value in limits.items():
                    setattr(bounds, name, value)
                printing.warm()
                keeper.Keeper(folder, door).keep()
            finally:
                os._exit(0)
        door.close()
        started.append(pid)
        return pid

    yield start
    for pid in [*started, *keepers_of(folder)]:
        _end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


@pytest.fixture
def keepers(private_keeper) -> Callable[[], list[int]]:
    """Return a function that finds the keepers of this test."""
    return lambda: keepers_of(ordering.private_folder())


def keepers_of(folder: Path) -> list[int]:
    """Leave out their printers, which are named like them."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            state = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"billhook_render_pdf.keeper" in words and str(folder).encode() in words:
            parents[int(place.name)] = int(state[1])
    return [pid for pid, parent in parents.items() if parent not in parents]


@pytest.fixture
def short(private_keeper) -> int:
    """Run a keeper whose printers may take little."""
    return private_keeper(
        CPU=timedelta(seconds=2),
        LAYOUT=timedelta(seconds=15),
        WALL=timedelta(seconds=20),
        MEMORY_BYTES=600 * bounds.MB,
    )


def _view(
    *, title: str = "Invoice", number: str = "INV-1", seller: str = "ACME", language: str = "en"
) -> DocumentView:
    party = ViewParty(label="", name=seller, address=())
    return DocumentView(
        language=language,
        direction="ltr",
        title=title,
        number=number,
        mark="",
        currency="EUR",
        fields=(),
        seller=party,
        buyer=party,
        blocks=(),
        columns=(),
        sections=(),
        adjustments=(),
        tax_columns=(),
        taxes=(),
        totals=(),
        payment=None,
        paper="a4",
        subtitle="",
        due=None,
        information=(),
    )


def _publication() -> Publication:
    party = PartySnapshot(
        id=UUID(int=5), party=Party(name="ACME", address=Address(country="DE")), salt=bytes(16)
    )
    document = Document(
        id=UUID(int=9),
        type=DocumentType.INVOICE,
        customer_id=UUID(int=8),
        payer_id=UUID(int=8),
        seller=party,
        buyer=party,
        currency="EUR",
        issue_on=DAY,
        due_on=DAY,
        language="en",
        lines=(),
        groups=(),
        net=0,
        tax=0,
        gross=0,
        payable=0,
        base=BaseCurrency(currency="EUR", rate=Decimal(1), rate_on=DAY, source=""),
    )
    brand = Brand(
        id=UUID(int=1),
        code="acme",
        name="ACME",
        theme="default",
        renderer="render_pdf.xhtml2pdf",
        sender=Sender(name="ACME", email="bill@acme.example"),
    )
    return Publication(
        document=document,
        number="INV-1",
        brand=brand,
        template=Template(document_type=DocumentType.INVOICE),
        stage=Stage.DRAFT,
    )
