"""Files come back as they were stored, to their tenant alone, and lead nowhere else."""

import os

import pytest

from billhook.errors import NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.services import files
from billhook.services.files import FileDamaged
from billhook.testing.members import open_tenant

PDF = b"%PDF-1.7 and the rest"


@pytest.fixture
def stored(ctx):
    with ctx.acting():
        return files.store(ctx, name="Contract.pdf", content_type="application/pdf", content=PDF)


def blobs(config) -> list[str]:
    return sorted(
        str(path.relative_to(config.home / "files"))
        for path in (config.home / "files").rglob("*")
        if path.is_file()
    )


def test_a_file_comes_back_as_it_was(ctx, stored):
    with ctx.acting():
        assert files.get(ctx, stored.id) == stored
        assert files.read(ctx, stored.id) == PDF
    assert (stored.name, stored.size) == ("Contract.pdf", len(PDF))


def test_a_file_lies_under_its_tenant_and_its_hash(ctx, stored, config):
    assert blobs(config) == [f"{ctx.tenant.id}/{stored.sha256}"]
    path = config.home / "files" / str(ctx.tenant.id) / stored.sha256
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_content_lies_there_once(ctx, stored, config):
    with ctx.acting():
        again = files.store(ctx, name="Copy.pdf", content_type="application/pdf", content=PDF)
        assert again.id != stored.id
        assert files.read(ctx, again.id) == PDF
    assert len(blobs(config)) == 1


def test_another_tenant_has_no_such_file(ctx, stored):
    acme = open_tenant("acme")
    with acme.acting():
        for act in (files.get, files.read):
            with pytest.raises(NotFound):
                act(acme, stored.id)


@pytest.mark.parametrize(
    "name",
    ["", "../secret.keys", "/etc/passwd", "a\\b.pdf", "a\x00.pdf", "a\n.pdf", "x" * 201, 'a".pdf'],
)
def test_a_name_that_could_be_a_path_is_refused(ctx, config, name):
    with ctx.acting(), pytest.raises(ValidationFailed) as failed:
        files.store(ctx, name=name, content_type="application/pdf", content=PDF)
    assert [problem.path for problem in failed.value.problems] == ["name"]
    assert blobs(config) == []


@pytest.mark.parametrize(
    ("content_type", "content", "code"),
    [
        ("text/html", b"<script>", "file.type_unknown"),
        ("image/svg+xml", b"<svg/>", "file.type_unknown"),
        ("application/x-msdownload", b"MZ", "file.type_unknown"),
        ("application/pdf", b"<html>", "file.type_differs"),
        ("image/png", b"GIF89a", "file.type_differs"),
        ("text/csv", b"a,b\x00c", "file.type_differs"),
        ("text/plain", b"\xff\xfe", "file.type_differs"),
        ("application/pdf", b"", "file.type_differs"),
    ],
)
def test_a_file_is_what_it_says_it_is(ctx, config, content_type, content, code):
    with ctx.acting(), pytest.raises(ValidationFailed) as failed:
        files.store(ctx, name="a.pdf", content_type=content_type, content=content)
    assert [problem.code for problem in failed.value.problems] == [code]
    assert blobs(config) == []


def test_a_file_has_a_largest_size(ctx):
    with ctx.acting(), pytest.raises(ValidationFailed) as failed:
        files.store(ctx, name="a.txt", content_type="text/plain", content=bytes(files.LARGEST + 1))
    assert [problem.code for problem in failed.value.problems] == ["file.too_large"]


def test_a_changed_file_is_told_and_not_served(ctx, stored, config):
    path = config.home / "files" / blobs(config)[0]
    path.write_bytes(b"%PDF-1.7 and another")
    with ctx.acting(), pytest.raises(FileDamaged):
        files.read(ctx, stored.id)
    path.unlink()
    with ctx.acting(), pytest.raises(FileDamaged):
        files.read(ctx, stored.id)


def test_storing_it_again_heals_a_damaged_file(ctx, stored, config):
    (config.home / "files" / blobs(config)[0]).write_bytes(b"x" * len(PDF))
    with ctx.acting():
        files.store(ctx, name="Contract.pdf", content_type="application/pdf", content=PDF)
        assert files.read(ctx, stored.id) == PDF


def test_a_write_that_breaks_off_leaves_nothing(ctx, config, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with ctx.acting(), pytest.raises(OSError, match="no space"):
        files.store(ctx, name="a.pdf", content_type="application/pdf", content=PDF)
    assert blobs(config) == []


def test_an_unknown_file_is_not_found(ctx):
    with ctx.acting(), pytest.raises(NotFound):
        files.get(ctx, new_id())
