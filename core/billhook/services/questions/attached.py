"""Files that come with a message: of a few kinds, told by name and content, never by the browser."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from billhook import limits
from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.questions import QuestionFile
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import files

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".csv": "text/csv",
    ".xlsx": XLSX,
    ".txt": "text/plain",
}
"""What is taken, by the end of the name."""

MOST = 5
LARGEST = 5 * 1024 * 1024
LARGEST_SUM = 10 * 1024 * 1024
"""Bytes of one file, and of all that come with a message."""

_FORBIDDEN = set('/\\:*?"<>|')


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as somebody sent it."""

    name: str
    content: bytes

    @property
    def content_type(self) -> str:
        """Return the type that its name promises; empty for one that is not taken."""
        return TYPES.get(PurePath(self.name).suffix.lower(), "")

    @property
    def mark(self) -> list[str]:
        """Return what tells it from others."""
        return [self.name, sha256(self.content).hexdigest()]


def lay(ctx: Context, uploads: Sequence[Upload]) -> list[Upload]:
    """Check files and write their bytes, before the transaction that keeps them.

    Returns them under names that a file can have. Raises ValidationFailed.
    """
    named = [Upload(name=_tidy(one.name), content=one.content) for one in uploads]
    if problem := _refused(named):
        raise ValidationFailed([problem])
    for one in named:
        try:
            files.lay(ctx, name=one.name, content_type=one.content_type, content=one.content)
        except ValidationFailed as error:
            raise ValidationFailed(
                [_problem(each.code, f"{one.name}: {each.message}") for each in error.problems]
            ) from None
    return named


def keep(ctx: Context, message_id: UUID, uploads: Sequence[Upload]) -> None:
    """Keep files that were laid with a message, inside its transaction."""
    for one in uploads:
        kept = files.keep(ctx, name=one.name, content_type=one.content_type, content=one.content)
        db.session.add(
            QuestionFile(tenant_id=ctx.tenant.id, message_id=message_id, file_id=kept.id)
        )
    db.session.flush()


def _tidy(name: str) -> str:
    """Return a name without what no file's name can have; browsers of old send whole paths."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if char.isprintable() and char not in _FORBIDDEN)
    path = PurePath(plain.strip() or "file")
    return f"{path.stem[: limits.NAME - len(path.suffix)]}{path.suffix}"


def _refused(uploads: Sequence[Upload]) -> Problem | None:
    if len(uploads) > MOST:
        return _problem(
            "question.too_many_files",
            _("At most %(most)s files can come with a message. Choose fewer.", most=MOST),
        )
    if sum(len(one.content) for one in uploads) > LARGEST_SUM:
        return _problem(
            "question.files_too_large",
            _(
                "All files together may have %(megabytes)s MB. Send smaller ones, or some of them "
                "with another message.",
                megabytes=LARGEST_SUM // 1024 // 1024,
            ),
        )
    return next((found for one in uploads if (found := _refusal(one))), None)


def _refusal(upload: Upload) -> Problem | None:
    if not upload.content_type:
        return _problem(
            "file.type_unknown",
            _(
                "“%(name)s” is of a kind that cannot be sent. PDF, PNG, JPEG, CSV, XLSX and TXT "
                "can.",
                name=upload.name,
            ),
        )
    if not upload.content:
        return _problem("file.empty", _("“%(name)s” is empty.", name=upload.name))
    if len(upload.content) > LARGEST:
        return _problem(
            "file.too_large",
            _(
                "“%(name)s” has more than %(megabytes)s MB. Send a smaller one.",
                name=upload.name,
                megabytes=LARGEST // 1024 // 1024,
            ),
        )
    if upload.content_type == XLSX and not _is_workbook(upload.content):
        return _problem(
            "file.type_differs",
            _(
                "“%(name)s” is no plain workbook. Save it as .xlsx without macros.",
                name=upload.name,
            ),
        )
    return None


def _is_workbook(content: bytes) -> bool:
    """Tell whether a ZIP is a workbook that runs nothing, by the names in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
    return "xl/workbook.xml" in names and not any("vbaproject" in name for name in names)


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, path="files", message=message)
