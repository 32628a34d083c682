"""Stored files by the API."""

from uuid import UUID

from billhook.api.schemas.files import FileAnswer
from billhook.sdk.api import Download, Made, Routes, Upload
from billhook.sdk.context import Context
from billhook.services import files

routes = Routes("files", "Files that you store, known by their SHA-256.")


@routes.post("/files", requires="files.store")
def store_file(ctx: Context, upload: Upload, key: str | None) -> Made[FileAnswer]:
    """Store a file: one part “file” of multipart/form-data, with its name and type.

    Taken are PDF, XML, CSV, plain text, PNG, JPEG, XLSX and DOCX up to 25 MB whose bytes are
    what their type says.
    """
    made = files.store(
        ctx,
        name=upload.name,
        content_type=upload.content_type,
        content=upload.content,
        key=key,
    )
    return Made(FileAnswer.of(made), at=f"/files/{made.id}")


@routes.get("/files/<uuid:file_id>", requires="files.view")
def get_file(ctx: Context, file_id: UUID) -> FileAnswer:
    """Get what a file is."""
    return FileAnswer.of(files.get(ctx, file_id))


@routes.get("/files/<uuid:file_id>/content", requires="files.view")
def get_file_content(ctx: Context, file_id: UUID) -> Download:
    """Download a file; its ETag is its SHA-256."""
    entry = files.get(ctx, file_id)
    return Download(
        name=entry.name,
        content_type=entry.content_type,
        content=files.read(ctx, file_id),
        digest=entry.sha256,
    )
