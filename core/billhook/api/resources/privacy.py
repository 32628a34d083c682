"""What is known of a person by the API: handed out, and erased."""

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO
from uuid import UUID

from billhook.api.schemas.privacy import ErasureAnswer
from billhook.sdk.api import Download, Routes
from billhook.sdk.context import Context
from billhook.services import contacts, customers, erasing, person_files

routes = Routes("privacy", "What is known of a person: handed out, and erased.")

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024


@routes.get("/customers/<uuid:customer_id>/erasure", requires="customers.view")
def get_erasure_plan(ctx: Context, customer_id: UUID) -> ErasureAnswer:
    """Tell what an erasure of a customer would take today; nothing is changed."""
    return ErasureAnswer.of(erasing.plan(ctx, customer_id))


@routes.post("/customers/<uuid:customer_id>/erase", requires="customers.erase")
def erase_customer(ctx: Context, customer_id: UUID) -> ErasureAnswer:
    """Erase what may go today of what is known of a customer, for good; answer what that was.

    The first time this takes what only helps to reach somebody. Once the last document is
    old enough (`whole_from`), it takes the rest.
    """
    return ErasureAnswer.of(erasing.erase(ctx, customer_id))


@routes.get("/customers/<uuid:customer_id>/data", requires="exports.create")
def download_customer_data(ctx: Context, customer_id: UUID) -> Download:
    """Download all that is known of a customer, as a ZIP of JSON and PDFs (Art. 15, 20 GDPR).

    Needs the scopes `customers.view` and `documents.view`, too.
    """
    reference = customers.by_id(ctx, customer_id).reference
    return _archive(
        f"customer {reference}.zip",
        lambda file: person_files.write_customer(ctx, customer_id, file),
    )


@routes.get("/contacts/<uuid:contact_id>/data", requires="exports.create")
def download_contact_data(ctx: Context, contact_id: UUID) -> Download:
    """Download all that is known of a customer's person, as a ZIP of JSON (Art. 15, 20 GDPR).

    Needs the scopes `customers.view` and `documents.view`, too.
    """
    contacts.get(ctx, contact_id)
    return _archive("contact.zip", lambda file: person_files.write_contact(ctx, contact_id, file))


def _archive(name: str, write: Callable[[BinaryIO], None]) -> Download:
    """Write an archive aside, and send it piece by piece."""
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed once it is sent
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Download(name=name, content_type="application/zip", content=_pieces(file))


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
