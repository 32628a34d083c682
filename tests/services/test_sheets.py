"""Files are read as what they hold: strictly, within limits, row by row."""

import codecs
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from billhook import limits
from billhook.services.exports import sheets as writing
from billhook.services.imports.sheets import BrokenFile, open_sheet, rows_of


def read(content: bytes):
    """Return the cells of all rows."""
    with open_sheet(io.BytesIO(content)) as sheet:
        return [list(row.cells) for row in sheet.rows()]


def lines(content: bytes):
    with open_sheet(io.BytesIO(content)) as sheet:
        return [row.line for row in sheet.rows()]


def broken(content: bytes) -> BrokenFile:
    with pytest.raises(BrokenFile) as failure:
        read(content)
    return failure.value


TEXT = "name;city\nAnn;Köln\n"


class TestCsv:
    @pytest.mark.parametrize(
        "content",
        [
            TEXT.encode(),
            TEXT.encode("utf-8-sig"),
            TEXT.encode("utf-16"),
            codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
            TEXT.encode("utf-16-le"),
            TEXT.encode("utf-16-be"),
            TEXT.replace("\n", "\r\n").encode(),
            TEXT.replace("\n", "\r").encode(),
            TEXT.replace(";", "\t").encode(),
            TEXT.replace(";", ",").encode(),
            TEXT.replace(";", "|").encode(),
            b"sep=;\r\n" + TEXT.encode(),
            TEXT.rstrip().encode(),
            ("\n\n" + TEXT + ";\n\n").encode(),
        ],
        ids=[
            *("utf-8", "with a mark", "utf-16", "big-endian", "le, no mark", "be, no mark"),
            *("crlf", "cr", "tab", "comma", "bar", "sep", "no end", "empty lines"),
        ],
    )
    def test_encodings_and_dialects_say_the_same(self, content):
        assert read(content) == [["name", "city"], ["Ann", "Köln"]]

    def test_a_quoted_cell_holds_separators_quotes_and_newlines(self):
        assert read(b'a,b\n"x, ""y""\nz",2\n') == [["a", "b"], ['x, "y"\nz', "2"]]

    def test_a_row_is_named_by_the_line_on_which_it_begins(self):
        assert lines(b'a,b\n"1\n2\n3",x\n\n4,5\n') == [1, 2, 6]

    def test_the_apostrophe_before_a_formula_is_taken_away(self):
        assert read(b"a,b\n'=1+1,'tis\n") == [["a", "b"], ["=1+1", "'tis"]]

    @pytest.mark.parametrize(
        ("content", "line", "reason"),
        [
            (b'a,b\n1,"2\n', 2, "never closed"),
            (b'a,b\n1,2\n1,"2"3\n', 3, "closing quotation mark"),
            (b"a,b\n1,2,3\n", 2, "3 cells"),
            (b"a,b\n1,2\n1\n", 3, "1 cells"),
            (b"a,b\n1,2\n\xff,2\n", 3, "UTF-8"),
            ("a,b\n1,2\n3,Köln\n".encode("cp1252"), 3, "UTF-8"),
            (b"a,b\n" + b"1,2\n" * 1100 + b"1,\0\n", 1102, "NUL"),
            (b"a,b\n1," + b"x" * limits.IMPORT_ROW_BYTES + b"\n", 2, "longer"),
            (b'a,b\n1,"' + b"x\n" * limits.IMPORT_ROW_BYTES, 2, "longer"),
            (b"x" * (limits.IMPORT_ROW_BYTES + 1), 1, "longer"),
            (TEXT.encode("utf-16")[:-1], 2, "UTF-8"),
        ],
        ids=[
            *("open", "quote", "wide", "narrow", "byte", "cp1252", "nul"),
            *("long", "runaway", "endless", "cut"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_line(self, content, line, reason):
        error = broken(content)
        assert (error.line, reason in error.message) == (line, True), error.message

    def test_a_row_just_within_the_limit_is_read(self):
        row = b"1," + b"x" * (limits.IMPORT_ROW_BYTES - 3) + b"\n"
        assert len(read(b"a,b\n" + row)[1][1]) == limits.IMPORT_ROW_BYTES - 3

    def test_a_file_without_a_row_is_refused(self):
        for content in (b"", b"\n\n", codecs.BOM_UTF8, b",,\n"):
            with (
                open_sheet(io.BytesIO(content)) as sheet,
                pytest.raises(BrokenFile, match="empty"),
            ):
                rows_of(sheet)

    def test_a_file_beyond_the_limit_is_refused_unread(self):
        class Huge(io.BytesIO):
            def seek(self, offset, whence=io.SEEK_SET):
                super().seek(offset, whence)
                return limits.IMPORT_BYTES + 1

        with pytest.raises(BrokenFile, match="larger"), open_sheet(Huge(b"a")):
            pass

    def test_memory_stays_flat(self):
        """A file is read row by row: the first comes before the last is looked at."""
        content = b"a,b\n" + b"1,2\n" * 50_000 + b'"'
        with open_sheet(io.BytesIO(content)) as sheet:
            rows = sheet.rows()
            assert next(rows).cells == ["a", "b"]
            assert next(rows).cells == ["1", "2"]


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, name: str, change) -> bytes:
    """Return a workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            part = old.read(member)
            new.writestr(member.filename, change(part) if member.filename == name else part)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


class TestXlsx:
    def test_cells_become_the_text_that_csv_would_hold(self):
        content = workbook(
            ["a", "b", "c", "d", "e", "f", "g"],
            [
                17850,
                2.55,
                1234567.891,
                date(2026, 1, 31),
                datetime(2026, 1, 31, tzinfo=UTC).replace(tzinfo=None),
                True,
                None,
            ],
            [None] * 7,
            [
                "'=1",
                1e22,
                1e-7,
                datetime(2026, 1, 31, 8, 30, tzinfo=UTC).replace(tzinfo=None),
                "",
                False,
                "ö",
            ],
        )
        assert read(content) == [
            ["a", "b", "c", "d", "e", "f", "g"],
            ["17850", "2.55", "1234567.891", "2026-01-31", "2026-01-31", "true", ""],
            [
                *("=1", "10000000000000000000000", "0.0000001", "2026-01-31T08:30:00"),
                *("", "false", "ö"),
            ],
        ]
        assert lines(content) == [1, 2, 4]

    def test_a_number_too_large_for_a_number_stays_refusable(self):
        content = repacked(
            workbook(["a"], [1.5]),
            SHEET,
            lambda part: part.replace(b"<v>1.5</v>", b"<v>1e400</v>"),
        )
        assert read(content) == [["a"], ["Infinity"]]

    def test_a_row_wider_than_the_header_is_refused(self):
        assert broken(workbook(["a"], ["1"], ["1", "2"])).line == 3

    def test_an_old_excel_file_is_refused_with_advice(self):
        assert "xlsx" in broken(b"\xd0\xcf\x11\xe0" + bytes(600)).message

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04" + b"x" * 200,
            workbook(["a"])[:-200],
            repacked(workbook(["a"]), SHEET, lambda part: part[: len(part) // 2]),
            repacked(workbook(["a"]), "xl/workbook.xml", lambda part: b"<x/>"),
            repacked(workbook(["a"]), "[Content_Types].xml", lambda part: b""),
        ],
        ids=["zip", "cut", "half a sheet", "no book", "no types"],
    )
    def test_what_only_looks_like_a_workbook_is_refused(self, content):
        assert "workbook" in broken(content).message

    def test_a_document_type_is_refused(self):
        laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]>'
        content = repacked(
            workbook(["a"], ["b"]), SHEET, lambda part: laughs + part.split(b"?>")[-1]
        )
        assert "document type" in broken(content).message

    def test_a_document_type_in_another_encoding_is_refused(self):
        text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "ha">]><x/>'
        content = repacked(workbook(["a"]), SHEET, lambda part: text.encode("utf-16"))
        assert "document type" in broken(content).message

    def test_a_workbook_that_unpacks_without_bounds_is_refused(self):
        out = io.BytesIO(workbook(["a"]))
        with (
            zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/media/big.bin", "w") as part,
        ):
            for _block in range(4 * limits.IMPORT_BYTES // 1024**2 + 1):
                part.write(bytes(1024**2))
        assert len(out.getvalue()) < 1024**2
        assert "unpacks" in broken(out.getvalue()).message


class TestWriting:
    @pytest.mark.parametrize("sheet_format", ["csv", "xlsx"])
    def test_what_is_written_reads_back(self, sheet_format):
        rows = [
            ["=SUM(A1)", "-5", Decimal("1234.50"), date(2026, 1, 31), True],
            ["@x", 'a\nb, "c"; d', Decimal("0.000000000001"), None, False],
            ["+49 30", "\tx", Decimal(12345678901234567890), None, None],
        ]
        out = io.BytesIO()
        assert writing.write(out, sheet_format, ["a", "b", "c", "d", "e"], rows) == 3
        assert read(out.getvalue())[1:] == [
            ["=SUM(A1)", "-5", "1234.5", "2026-01-31", "yes"],
            ["@x", 'a\nb, "c"; d', "0.000000000001", "", "no"],
            ["+49 30", "\tx", "12345678901234567890", "", ""],
        ]

    def test_no_cell_is_a_formula(self):
        texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
        out = io.BytesIO()
        writing.write(out, "csv", ["a"], [[text] for text in texts])
        assert all(
            line.lstrip('"').startswith("'")
            for line in out.getvalue().decode().split("\r\n")[1:-1]
        )
        out = io.BytesIO()
        writing.write(out, "xlsx", ["a"], [[text] for text in texts])
        cells = [row[0] for row in openpyxl.load_workbook(out).active.iter_rows(min_row=2)]
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.value.startswith("'") for cell in cells)

    def test_a_control_character_does_not_break_a_workbook(self):
        out = io.BytesIO()
        writing.write(out, "xlsx", ["a"], [["a\x0bb"]])
        assert read(out.getvalue()) == [["a"], ["ab"]]

    def test_more_rows_than_a_workbook_holds_are_refused(self, monkeypatch):
        monkeypatch.setattr(writing, "_XLSX_ROWS", 3)
        with pytest.raises(writing.TooManyRows, match="CSV"):
            writing.write(io.BytesIO(), "xlsx", ["a"], [["1"]] * 3)
