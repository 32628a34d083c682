"""From files to posted documents, from the command line."""

import csv
import io
import json
import time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

RETAIL = Path(__file__).parents[1] / "data" / "retail"


class TestImport:
    def test_counts_what_it_did(self, shop, file):
        path = file("customer,name,country,mood\nann,Ann,DE,good\n")
        report = shop("import", "customers", path, "--json").json
        assert (report["rows"], report["new"], report["bad"]) == (1, 1, 0)
        assert report["ignored_columns"] == ["mood"]
        text = shop("import", "customers", path).out
        assert "unchanged" in text
        assert "mood" in text

    def test_a_bad_row_stops_all(self, shop, file):
        path = file("customer,name,country\nann,Ann,DE\neve,Eve,XX\n")
        ran = shop("import", "customers", path, status=1)
        assert "Line 3, country: “XX”" in ran.err
        assert "Nothing was written" in ran.out
        ran = shop("import", "customers", path, "--json", status=1)
        assert ran.json["errors"][0]["line"] == 3
        assert ran.json["is_written"] is False
        ran = shop("import", "customers", path, "--skip-bad", "--json")
        assert (ran.json["new"], ran.json["bad"], ran.json["is_written"]) == (1, 1, True)

    def test_many_bad_rows_are_summed_up(self, shop, file):
        path = file("customer,name,country\n" + "eve,Eve,XX\n" * 30)
        assert "and 10 more" in shop("import", "customers", path, status=1).err

    def test_a_dry_run_writes_nothing(self, shop, file):
        path = file("customer,name,country\nann,Ann,DE\n")
        assert "dry run" in shop("import", "customers", path, "--dry-run").out
        assert shop("import", "customers", path, "--json").json["new"] == 1

    def test_columns_can_be_named(self, shop, file):
        path = file("Kd-Nr;Firma;Land\nann;Ann;DE\n")
        words = ["--map", "Kd-Nr=reference", "--map", "Firma=name", "--map", "Land=country"]
        assert shop("import", "customers", path, *words, "--json").json["new"] == 1
        assert "--map COLUMN=" in shop("import", "customers", path, status=1).err
        assert shop("import", "customers", path, "--map", "Firma", status=2).err

    def test_stdin_is_a_file(self, shop):
        text = "customer,name,country\nann,Ann,DE\n"
        assert shop("import", "customers", "-", "--json", typed=text).json["new"] == 1

    def test_products_with_prices(self, shop, file):
        path = file("sku,name,price\nAPI,Requests,0.002\n")
        assert shop("import", "products", path, "--json").json["new"] == 1
        quote = shop("pricing_standard", "quote", "API", "--quantity", "1000", "--json").json
        assert quote["net"] == "2.00"

    def test_a_file_that_is_not_there_is_said(self, shop, tmp_path):
        assert "nothing.csv" in shop("import", "customers", tmp_path / "nothing.csv", status=1).err

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01\x02",
            b"PK\x03\x04nonsense",
            b"customer,name\n\xff\xfe",
            b'customer,name,country\n"ann,Ann,DE\n',
            b"customer,name,country\nann,Ann\n",
            b"customer,name,country\n" + b"x" * 70_000,
        ],
        ids=["empty", "binary", "zip", "latin", "open quote", "narrow", "long"],
    )
    def test_a_broken_file_is_refused_within_milliseconds(self, shop, tmp_path, content):
        path = tmp_path / "broken.csv"
        path.write_bytes(content)
        began = time.process_time()  # the machine may have other work
        ran = shop("import", "customers", path, "--json", status=1)
        assert time.process_time() - began < 2
        assert json.loads(ran.err)["error"]["message"]
        assert ran.out == ""

    def test_help_lists_the_columns(self, shop):
        text = shop("import", "charges", "--help").out
        assert "reference *" in text
        assert "order" in text


class TestExport:
    def test_to_stdout_it_is_csv_and_nothing_else(self, charged):
        rows = list(csv.DictReader(io.StringIO(charged("export", "customers").out)))
        assert [row["reference"] for row in rows] == ["ann", "bob"]

    @pytest.mark.parametrize("kind", ["customers", "products", "charges", "documents"])
    def test_to_a_file(self, billed, tmp_path, kind):
        path = tmp_path / f"{kind}.xlsx"
        made = billed("export", kind, "--output", path, "--json").json
        assert made["format"] == "xlsx"
        sheet = openpyxl.load_workbook(path).active
        assert sheet.max_row == made["rows"] + 1
        assert f"Wrote {made['rows']} rows" in billed("export", kind, "-o", path).out

    def test_json_needs_a_file(self, shop):
        assert "--output" in shop("export", "customers", "--json", status=2).err

    def test_a_folder_that_is_not_there_is_said(self, shop, tmp_path):
        assert shop("export", "customers", "-o", tmp_path / "no" / "x.csv", status=1).err


class TestCharges:
    def ids(self, run, **options):
        return [one["id"] for one in run("charges", "list", "--json").json["charges"]]

    def test_list_by_state_and_customer(self, charged):
        found = charged("charges", "list", "--customer", "ann", "--json").json["charges"]
        assert [(one["reference"], one["unit_price"], one["state"]) for one in found] == [
            *(("r1", "50", "open"), ("r2", "100.5", "open")),
        ]
        page = charged("charges", "list", "--limit", "2", "--json").json
        rest = charged("charges", "list", "--after", page["after"], "--json").json
        assert [one["reference"] for one in rest["charges"]] == ["r3"]
        assert rest["after"] is None
        assert charged("charges", "list", "--state", "held", "--json").json["charges"] == []
        assert "Chair" in charged("charges", "list").out

    def test_hold_release_and_withdraw(self, charged):
        first = self.ids(charged)[0]
        assert charged("charges", "hold", first, "--reason", "check", "--json").json["count"] == 1
        words = ["charges", "list", "--state", "held", "--json"]
        assert [one["id"] for one in charged(*words).json["charges"]] == [first]
        assert "1 charge is released" in charged("charges", "release", first).out
        ran = charged("charges", "withdraw", "--customer", "ann", "--reason", "wrong")
        assert "2 charges are withdrawn" in ran.out
        again = charged("charges", "withdraw", first, "--reason", "wrong", status=1)
        assert "r1" in again.err

    def test_what_is_no_charge_is_refused(self, charged, billhook):
        first = self.ids(charged)[0]
        stranger = "01890a5d-ac96-774b-bcce-b302099a8057"
        for words in (["x"], [stranger], ["--customer", "nobody"], ["9" * 100]):
            assert charged("charges", "hold", *words, "--reason", "r", status=1).err
        assert charged("charges", "hold", "--reason", "r", status=2).err
        assert charged("charges", "hold", first, "--customer", "a", "--reason", "r", status=2).err
        billhook(
            *("tenant", "create", "other", "--name", "O", "--country", "DE", "--currency", "EUR")
        )
        words = ["charges", "hold", first, "--reason", "theirs", "--tenant", "other"]
        assert billhook(*words, status=1).err


class TestBillRun:
    WORDS = ("bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-31")

    def test_json_is_as_promised(self, charged):
        found = charged(*self.WORDS, "--json").json
        assert found.pop("run")
        assert found == {
            "currencies": {
                "EUR": {
                    "documents": 2,
                    "credit_notes": 0,
                    "net": "220.50",
                    "tax": "41.90",
                    "gross": "262.40",
                }
            },
            "parked": [],
            "skipped": [],
        }

    def test_a_second_run_bills_nothing(self, billed):
        assert billed(*self.WORDS, "--json").json["currencies"] == {}
        assert "Nothing to bill" in billed(*self.WORDS).out

    def test_a_dry_run_says_the_same_and_writes_nothing(self, charged):
        dry = charged(*self.WORDS, "--dry-run", "--json").json
        assert dry.pop("run") is None
        assert charged("documents", "list", "--json").json == {"documents": []}
        real = charged(*self.WORDS, "--json").json
        assert real.pop("run")
        assert real == dry

    def test_parked_customers_make_status_3_and_are_billed_later(self, shop, file):
        shop("import", "customers", file("customer,name,country\nann,Ann,DE\nbob,Bob,DE\n"))
        shop("import", "products", file("sku,name\nAPI,Requests\n"))
        shop(
            *("import", "charges"),
            file(
                "customer,reference,date,product,unit_price,description\n"
                "ann,r1,2026-01-05,API,,\nbob,r2,2026-01-05,,5,Work\n"
            ),
        )
        ran = shop(*self.WORDS, "--json", status=3)
        assert [one["customer"] for one in ran.json["parked"]] == ["ann"]
        assert ran.json["parked"][0].keys() == {"customer", "reason", "code"}
        assert ran.json["currencies"]["EUR"]["documents"] == 1
        [parked] = shop("parked", "list", "--json").json["parked"]
        assert parked["customer"] == "ann"
        assert "ann" in shop("parked", "list").out
        assert "ann" in shop("parked", "retry", "--issue-date", "2026-01-31", status=3).out
        shop("import", "products", file("sku,name,price\nAPI,Requests,7\n"))
        again = shop("parked", "retry", "--issue-date", "2026-01-31", "--json").json
        assert again["currencies"]["EUR"]["net"] == "7.00"
        assert shop("parked", "retry", "--json").json["currencies"] == {}

    def test_a_date_that_cannot_be_is_status_1(self, billed):
        words = ["bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-30"]
        assert billed(*words, status=1).err

    def test_drafts_are_looked_at_issued_and_discarded(self, charged):
        charged(*self.WORDS, "--draft")
        drafts = charged("drafts", "list", "--json").json["drafts"]
        assert [(one["customer"], one["net"]) for one in drafts] == [
            *(("ann", "200.50"), ("bob", "20.00")),
        ]
        assert "ann" in charged("drafts", "list").out
        first, second = (one["id"] for one in drafts)
        shown = charged("drafts", "show", first, "--issue-date", "2026-01-31", "--json").json
        assert (shown["net"], shown["problems"]) == ("200.50", [])
        assert "Chair" in charged("drafts", "show", first).out
        adjusted = ["drafts", "adjust", first, "--reason", "Autumn", "--json"]
        before = charged("drafts", "show", first, "--json").json["net"]
        after = charged(*adjusted, "--amount", "1").json["net"]
        assert Decimal(before) - Decimal(after) == 1
        assert charged(*adjusted, "--surcharge", "--amount", "1").json["net"] == before
        assert charged(*adjusted, status=2).err
        for wrong in ("0", "101", "1e400", "NaN"):
            assert charged(*adjusted, "--percent", wrong, status=1).err
        words = ["drafts", "issue", first, "--issue-date", "2026-01-31", "--key", "k1", "--json"]
        issued = charged(*words).json
        assert issued["documents"][0]["gross"] == "238.60"
        assert charged(*words).json == issued
        assert "wait again" in charged("drafts", "discard", second, "--reason", "no").out
        waiting = charged("charges", "list", "--state", "open", "--json").json["charges"]
        assert [one["reference"] for one in waiting] == ["r3"]

    def test_what_is_no_draft_is_refused(self, charged):
        for verb in ("show", "issue", "discard"):
            assert charged("drafts", verb, "nonsense", status=1).err
        assert charged("drafts", "issue", "a", "b", "--key", "k", status=2).err


class TestDocuments:
    def number(self, run, customer="ann"):
        words = ["documents", "list", "--customer", customer, "--json"]
        return run(*words).json["documents"][0]["number"]

    def test_list_and_show(self, billed):
        found = billed("documents", "list", "--type", "invoice", "--json").json["documents"]
        assert {(one["customer"], one["gross"], one["open"]) for one in found} == {
            *(("ann", "238.60", "238.60"), ("bob", "23.80", "23.80")),
        }
        words = ["--since", "2026-02-01", "--until", "2026-02-28", "--json"]
        assert billed("documents", "list", *words).json == {"documents": []}
        number = self.number(billed)
        assert number in billed("documents", "list").out
        shown = billed("documents", "show", number, "--json").json
        assert shown["content"]["lines"][0]["description"] == "Chair"
        assert shown["seller"]["name"] == "Shop GmbH"
        assert "Chair" in billed("documents", "show", shown["id"]).out

    def test_credit_a_line_then_the_rest(self, billed):
        number = self.number(billed)
        words = ["--issue-date", "2026-01-31", "--json"]
        note = billed(
            *("documents", "credit", number, "--line", "1=30.00", "--reason", "broken"), *words
        ).json["documents"][0]
        assert (note["type"], note["net"]) == ("credit_note", "30.00")
        rest = billed("documents", "credit", number, "--reason", "returned", *words).json
        assert rest["documents"][0]["net"] == "170.50"
        assert billed("documents", "credit", number, "--reason", "again", status=1).err

    def test_void_keeps_the_number(self, billed):
        number = self.number(billed, "bob")
        words = ["--reason", "wrong customer", "--issue-date", "2026-01-31"]
        assert "CN-" in billed("documents", "void", number, *words).out
        shown = billed("documents", "show", number, "--json").json
        assert shown["is_void"]
        assert shown["happenings"][0]["reason"] == "wrong customer"
        report = billed("numbers", "report", "--year", "2026", "--json").json["runs"]
        assert [one["voided"] for one in report if one["voided"]] == [[number]]
        assert number in billed("numbers", "report").out

    def test_what_is_no_document_or_line_is_refused(self, billed):
        number = self.number(billed)
        assert billed("documents", "show", "INV-0", status=1).err
        assert billed("documents", "credit", "INV-0", "--reason", "r", status=1).err
        assert billed("documents", "void", "INV-0", "--reason", "r", status=1).err
        credit = ["documents", "credit", number, "--reason", "r"]
        assert billed(*credit, "--line", "9", status=1).err
        assert billed(*credit, "--line", "1=NaN", status=1).err
        assert billed(*credit, "--line", "1=1e400", status=1).err
        assert billed(*credit, "--line", "1=9999", status=1).err
        assert billed(*credit, "--line", "one", status=2).err


class TestBooks:
    def test_ledger(self, billed):
        accounts = billed("ledger", "accounts", "--json").json["accounts"]
        assert {"1200", "2200", "4000"} <= {one["code"] for one in accounts}
        assert "1200" in billed("ledger", "accounts").out
        postings = billed("ledger", "journal", "--account", "1200", "--json").json["postings"]
        assert {one["amount"] for one in postings} == {"238.60", "23.80"}
        assert "238.60" in billed("ledger", "journal", "--since", "2026-01-01").out
        balance = billed("ledger", "trial-balance", "--as-of", "2026-01-31", "--json").json
        found = {one["code"]: one["balance"] for one in balance["accounts"]}
        assert found == {"1200": "262.40", "2200": "-41.90", "4000": "-220.50"}
        assert "262.40" in billed("ledger", "trial-balance").out

    def test_closing_is_for_good(self, billed):
        assert billed("ledger", "close", "--through", "2026-01-31", "--json").json == {
            "closed_through": "2026-01-31"
        }
        assert billed("ledger", "close", "--through", "2026-01-31", status=1).err
        words = ["bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-31"]
        assert billed(*words, status=1).err

    def test_verify_proves_the_books(self, billed):
        found = billed("verify", "--json").json
        assert found["is_whole"]
        assert {one["name"]: one["count"] for one in found["checks"]}["documents"] == 2
        assert "whole" in billed("verify").out

    def test_verify_names_what_is_broken(self, billed, monkeypatch):
        from billhook.services import verifying
        from billhook.services.verifying import CheckResult, Verdict
        from billhook.services.verifying.finding import Broken, Checked

        broken = Checked(count=3, broken=Broken(record="INV-1", reason="was changed"))
        verdict = Verdict(checks=(CheckResult(name="documents", label="D", checked=broken),))
        monkeypatch.setattr(verifying, "verify", lambda ctx: verdict)
        ran = billed("verify", "--json", status=1)
        assert ran.json["checks"][0]["broken"] == {"record": "INV-1", "reason": "was changed"}
        assert "INV-1: was changed" in ran.err

    def test_audit_tells_who_did_what(self, billed):
        acts = billed("audit", "list", "--action", "import.finished", "--json").json
        assert {act["details"]["kind"] for act in acts["acts"]} == {"customers", "charges"}
        assert acts["acts"][0]["actor_kind"] == "operator"
        page = billed("audit", "list", "--limit", "1", "--json").json
        older = billed("audit", "list", "--older-than", page["older_than"], "--json").json
        assert page["acts"][0] not in older["acts"]
        assert "import.finished" in billed("audit", "list").out
        assert billed("audit", "list", "--older-than", "x", status=1).err

    def test_the_outbox_is_drained_unless_nobody_waits(self, charged):
        words = ("bill-run", "--until", "2026-01-31", "--issue-date", "2026-01-31")
        charged(*words, "--no-wait")
        waiting = charged("outbox", "list", "--state", "waiting", "--json").json["work"]
        assert "document.issued" in {one["name"] for one in waiting}
        charged(*words)
        waiting = charged("outbox", "list", "--state", "waiting", "--json").json["work"]
        assert "document.issued" not in {one["name"] for one in waiting}
        done = charged("outbox", "list", "--state", "done", "--json").json["work"]
        assert "document.issued" in {one["name"] for one in done}
        assert "document.issued" in charged("outbox", "list").out
        assert charged("outbox", "retry", done[0]["id"], status=1).err
        assert charged("outbox", "retry", "nonsense", status=1).err
        if waiting:
            retried = charged("outbox", "retry", waiting[0]["id"], "--json").json
            assert retried["work"][0]["state"] == "waiting"


@pytest.mark.slow
def test_the_main_job_on_real_input(billhook):
    """391 documents, 21 of them credit notes: tests/data/retail/README.md."""
    billhook(
        *("tenant", "create", "shop", "--name", "Shop Ltd", "--country", "GB"),
        *("--currency", "GBP", "--vat-id", "GB980780684", "--supplies", "goods"),
    )
    tenant = ["--tenant", "shop", "--json"]
    bill_run = ["bill-run", "--until", "2010-12-31", "--issue-date", "2010-12-31", *tenant]
    for kind in ("customers", "charges"):
        billhook("import", kind, RETAIL / f"{kind}.csv", *tenant)
    assert billhook(*bill_run, "--dry-run").json["currencies"]["GBP"]["documents"] == 391
    assert billhook(*bill_run).json["currencies"] == {
        "GBP": {
            "documents": 391,
            "credit_notes": 21,
            "net": "180659.25",
            "tax": "31107.94",
            "gross": "211767.19",
        }
    }
    for kind, rows in (("customers", 391), ("charges", 9_999)):
        again = billhook("import", kind, RETAIL / f"{kind}.csv", *tenant).json
        assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, rows)
    assert billhook(*bill_run).json["currencies"] == {}
    assert billhook("verify", *tenant).json["is_whole"]
    balance = billhook("ledger", "trial-balance", *tenant).json["accounts"]
    assert {one["code"]: one["balance"] for one in balance} == {
        "1200": "211767.19",
        "2200": "-31107.94",
        "4000": "-180659.25",
    }
