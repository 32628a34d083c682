"""The check on what was made of documents: every file lies where it was put, as it was.

What was erased lawfully is proved by its hash alone.
"""

from collections.abc import Iterator

from sqlalchemy import and_, select

from billhook.db import db
from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.models.artefacts import Artefact
from billhook.models.documents import DocumentSeal
from billhook.models.files import File
from billhook.sdk.context import Context
from billhook.services import files
from billhook.services.verifying.finding import Broken, Checked, first_broken

_ROWS = 500


def kept_files(ctx: Context) -> Checked:
    """Read the bytes of every artefact again, and compare them with both hashes."""
    return first_broken(_results(ctx))


def _results(ctx: Context) -> Iterator[Broken | None]:
    query = (
        select(
            Artefact.file_id,
            Artefact.sha256,
            File.sha256.label("kept"),
            File.erased_at,
            DocumentSeal.printed_number,
        )
        .join(File, and_(File.tenant_id == Artefact.tenant_id, File.id == Artefact.file_id))
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == Artefact.tenant_id,
                DocumentSeal.document_id == Artefact.document_id,
            ),
        )
        .order_by(Artefact.id)
    )
    for row in db.session.execute(query.execution_options(yield_per=_ROWS)):
        if row.sha256 != row.kept:
            yield Broken(record=row.printed_number, reason=_("The file is not the one kept."))
            continue
        if row.erased_at:
            yield None
            continue
        try:
            files.stored(ctx, row.file_id)
        except BillhookError as error:
            yield Broken(record=row.printed_number, reason=error.message)
        else:
            yield None
