"""Files are imported whole or not at all, twice without harm, and each bad row is named."""

import io
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from billhook import limits
from billhook.db import db
from billhook.domain.states import ChargeState
from billhook.errors import Forbidden, ValidationFailed
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.services import audit, charging, customers, exporting, importing, products
from billhook.services.customers import CustomerInput
from billhook.services.imports.sheets import BrokenFile
from billhook.services.products import FIRST_DAY, PriceInput, ProductInput

RETAIL = Path(__file__).parents[1] / "data" / "retail"


def run(ctx, kind, text, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return importing.run(ctx, kind, io.BytesIO(content), **options)


def count(row) -> int:
    return db.session.scalar(
        select(func.count()).select_from(row).where(row.tenant_id.is_not(None))
    )


def counts(report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.bad


def errors(report) -> list[tuple[int, str, str]]:
    return [(error.line, error.field, error.code) for error in report.errors]


CUSTOMERS = "customer,name,country\nann,Ann Lee,DE\nbob,Bob Ray,FR\n"


class TestFile:
    def test_all_rows_are_stored(self, ctx):
        report = run(ctx, "customers", CUSTOMERS)
        assert counts(report) == (2, 0, 0, 0)
        assert report.is_written
        assert customers.get(ctx, "bob").country == "FR"

    def test_a_second_time_changes_nothing(self, ctx):
        run(ctx, "customers", CUSTOMERS)
        assert counts(run(ctx, "customers", CUSTOMERS)) == (0, 0, 2, 0)

    def test_a_bad_row_stops_all_and_is_named(self, ctx):
        report = run(ctx, "customers", CUSTOMERS + "eve,,XX\nzoe,Zoe,IT\n")
        assert counts(report) == (3, 0, 0, 1)
        assert errors(report) == [(4, "name", "input.missing"), (4, "country", "country.unknown")]
        assert report.errors[1].column == "country"
        assert not report.is_written
        assert count(Customer) == 0

    def test_bad_rows_are_left_out_on_request(self, ctx):
        report = run(ctx, "customers", CUSTOMERS + "eve,,XX\n", skip_bad=True)
        assert report.is_written
        assert [one.reference for one in customers.listing(ctx)] == ["ann", "bob"]

    @pytest.mark.parametrize("skip_bad", [True, False])
    def test_a_dry_run_says_all_and_writes_nothing(self, ctx, skip_bad):
        report = run(ctx, "customers", CUSTOMERS + "eve,,XX\n", dry_run=True, skip_bad=skip_bad)
        assert counts(report) == (2, 0, 0, 1)
        assert report.is_dry_run
        assert not report.is_written
        assert count(Customer) == 0
        assert audit.listing(ctx, action="import.finished") == []

    def test_it_is_noted_with_the_hash_of_the_file(self, ctx):
        report = run(ctx, "customers", CUSTOMERS)
        [act] = audit.listing(ctx, action="import.finished")
        assert act.object_id == str(report.id)
        assert act.details["new"] == "2"
        assert len(act.details["sha256"]) == 64

    def test_a_broken_row_at_the_end_undoes_all(self, ctx):
        rows = "".join(f"c{n},Name,DE\n" for n in range(2_500))
        with pytest.raises(BrokenFile) as failure:
            run(ctx, "customers", "customer,name,country\n" + rows + 'x,"y\n')
        assert failure.value.line == 2_502
        assert count(Customer) == 0

    def test_a_broken_file_undoes_its_own_rows_inside_a_larger_transaction(self, ctx):
        with ctx.transaction():
            customers.save(ctx, CustomerInput(reference="kept", name="K", country="DE"))
            assert not run(ctx, "customers", CUSTOMERS + "eve,,XX\n").is_written
            with pytest.raises(BrokenFile):
                run(ctx, "customers", CUSTOMERS + '"')
        assert [one.reference for one in customers.listing(ctx)] == ["kept"]

    def test_columns_are_found_by_their_headers(self, ctx):
        text = (
            "Customer No.;E-Mail;VAT ID;ZIP Code;Name;Country;Mood\na;a@b.de;;53111;Ann;DE;good\n"
        )
        report = run(ctx, "customers", text)
        assert report.ignored_columns == ("Mood",)
        found = customers.get(ctx, "a")
        assert (found.email, found.postal_code) == ("a@b.de", "53111")

    def test_columns_are_named_by_the_person(self, ctx):
        text = "Kd-Nr,Firma,Land,name\na,Ann GmbH,DE,wrong\n"
        explicit = {"kd-nr": "reference", "Firma": "name", "Land": "country"}
        report = run(ctx, "customers", text, explicit=explicit)
        assert customers.get(ctx, "a").name == "Ann GmbH"
        assert report.ignored_columns == ("name",)

    @pytest.mark.parametrize(
        ("header", "explicit", "code"),
        [
            ("name,country", {}, "import.field_missing"),
            ("customer,code,name", {}, "import.field_twice"),
            ("customer,customer,name", {}, "import.field_twice"),
            ("customer,name", {"nothing": "name"}, "import.column_unknown"),
            ("customer,name", {"name": "nothing"}, "import.field_unknown"),
        ],
    )
    def test_a_header_that_cannot_be_used_is_refused(self, ctx, header, explicit, code):
        with pytest.raises(ValidationFailed) as failure:
            run(ctx, "customers", header + "\n1,2,3\n", explicit=explicit)
        assert code in {problem.code for problem in failure.value.problems}

    def test_a_value_under_no_name_is_refused(self, ctx):
        with pytest.raises(BrokenFile, match="Column 3"):
            run(ctx, "customers", "customer,name,,country\na,Ann,,DE\nb,Bob,x,DE\n")
        assert count(Customer) == 0

    def test_too_many_rows_are_refused(self, ctx, monkeypatch):
        monkeypatch.setattr(limits, "IMPORT_ROWS", 1_000)
        rows = "".join(f"c{n},Name,DE\n" for n in range(1_001))
        with pytest.raises(BrokenFile, match="more than 1000 rows"):
            run(ctx, "customers", "customer,name,country\n" + rows)
        assert count(Customer) == 0

    def test_of_many_bad_rows_a_thousand_are_told(self, ctx):
        rows = "".join(f"c{n},Name,XX\n" for n in range(1_200))
        report = run(ctx, "customers", "customer,name,country\n" + rows)
        assert report.bad == 1_200
        assert len(report.errors) == limits.ROW_ERRORS_SHOWN

    def test_progress_is_told_batch_by_batch(self, ctx):
        told = []
        rows = "".join(f"c{n},Name,DE\n" for n in range(1_500))
        text = "customer,name,country\n" + rows
        run(ctx, "customers", text, progress=lambda *steps: told.append(steps))
        assert told == [(1_001, 1_501), (1_501, 1_501)]

    def test_it_needs_the_permission_and_that_of_what_it_changes(self, ctx, with_permissions):
        with pytest.raises(Forbidden):
            run(with_permissions(ctx, "customers.edit"), "customers", CUSTOMERS)
        with pytest.raises(Forbidden):
            run(with_permissions(ctx, "imports.create"), "customers", CUSTOMERS)

    def test_a_bad_source_is_refused(self, ctx):
        with pytest.raises(ValidationFailed):
            run(ctx, "charges", "customer,reference,date\n", source="x" * 81)


class TestCharges:
    @pytest.fixture(autouse=True)
    def ann(self, ctx):
        return customers.save(ctx, CustomerInput(reference="ann", name="Ann", country="DE"))

    @pytest.fixture
    def api(self, ctx):
        made = products.save(ctx, ProductInput(sku="API", name="Requests"))
        price = PriceInput(
            sku="API", model="pricing_standard.per_unit", parameters={"unit_price": "2"}
        )
        products.add_price(ctx, price)
        return made

    def charge(self, ctx, **cells) -> ChargeRow:
        """Import one row and return what it made."""
        report = self.row(ctx, **cells)
        assert errors(report) == []
        return db.session.scalars(select(ChargeRow).order_by(ChargeRow.id.desc())).first()

    def row(self, ctx, **cells):
        told = {"customer": "ann", "reference": "r1", "date": "2026-11-30", **cells}
        if not {"amount", "unit_price", "product", "sku"} & cells.keys():
            told["unit_price"] = "10"
        told.setdefault("description", "Work")
        header, values = ",".join(told), ",".join(f'"{cell}"' for cell in told.values())
        return run(ctx, "charges", f"{header}\n{values}\n")

    def test_a_row_becomes_a_charge_that_waits(self, ctx, ann):
        made = self.charge(
            ctx,
            order="O-1",
            sku="S1",
            quantity="3",
            unit_price="2.55",
            currency="usd",
            unit="HUR",
            period_start="2026-11-01",
            period_end="2026-11-30",
            supply="service",
            tax_category="reduced",
            revenue_account="4010",
            purchase_order="PO 7",
            delivery_country="at",
        )
        assert (made.source, made.reference, made.customer_id) == ("csv", "r1", ann.id)
        assert made.payer_id == ann.id
        assert (made.quantity, made.unit_price, made.amount) == (3, Decimal("2.55"), None)
        assert (made.group_key, made.group_label) == ("O-1", "O-1")
        assert (made.period_start, made.period_end) == (date(2026, 11, 1), date(2026, 12, 1))
        assert (made.currency, made.unit, made.sku) == ("USD", "HUR", "S1")
        assert (made.supply, made.tax_category, made.revenue_account) == (
            *("service", "reduced", "4010"),
        )
        assert (made.purchase_order, made.delivery_country) == ("PO 7", "AT")
        assert count(ChargeOpen) == 1

    def test_what_a_row_leaves_out_is_the_usual(self, ctx):
        made = self.charge(ctx)
        assert (made.quantity, made.base_quantity, made.currency) == (1, 1, "EUR")
        assert made.adjustments == []

    def test_the_payer_is_the_customers(self, ctx, ann):
        payer = customers.save(ctx, CustomerInput(reference="boss", name="B", country="DE"))
        customers.save(ctx, CustomerInput(reference="ann", payer="boss"))
        assert self.charge(ctx).payer_id == payer.id

    def test_a_negative_price_turns_the_quantity(self, ctx):
        made = self.charge(ctx, quantity="2", unit_price="-5")
        assert (made.quantity, made.unit_price) == (-2, 5)

    def test_an_amount_is_of_the_whole_line(self, ctx):
        assert self.charge(ctx, amount="-12.50").amount == -1250

    def test_a_product_without_a_price_is_priced_later(self, ctx, api):
        made = self.charge(ctx, product="API", quantity="4", description="")
        assert (made.product_id, made.unit_price, made.description) == (api.id, None, "Requests")

    def test_an_sku_prices_where_nothing_else_does(self, ctx, api):
        assert self.charge(ctx, sku="API").product_id == api.id

    def test_an_sku_beside_a_price_may_be_unknown(self, ctx):
        made = self.charge(ctx, sku="nowhere", unit_price="1")
        assert (made.sku, made.product_id) == ("nowhere", None)

    def test_a_known_sku_beside_a_price_lends_its_product(self, ctx, api):
        made = self.charge(ctx, sku="API", unit_price="1", description="")
        assert (made.product_id, made.unit_price) == (api.id, 1)
        assert made.description == "Requests"

    def test_an_empty_description_falls_back_on_the_sku(self, ctx):
        assert self.charge(ctx, sku="S1", unit_price="1", description="").description == "S1"

    def test_discounts_and_surcharges_are_adjustments(self, ctx):
        made = self.charge(
            ctx,
            discount_percent="10",
            discount_reason="Loyalty",
            discount_amount="0",
            surcharge_amount="2.50",
        )
        assert made.adjustments == [
            {"kind": "allowance", "reason": "Loyalty", "percent": "10"},
            {"kind": "surcharge", "reason": "Surcharge", "amount": "250"},
        ]

    def test_a_description_of_several_lines_is_kept(self, ctx):
        assert self.charge(ctx, description="one\ntwo").description == "one\ntwo"

    @pytest.mark.parametrize(
        ("cells", "field", "code"),
        [
            ({"customer": "nobody"}, "customer", "customer.unknown"),
            ({"customer": ""}, "customer", "input.missing"),
            ({"reference": ""}, "reference", "input.missing"),
            ({"reference": "x" * 81}, "reference", "input.too_long"),
            ({"date": ""}, "date", "input.missing"),
            ({"date": "30.11.2026"}, "date", "date.invalid"),
            ({"date": "2026-11-31"}, "date", "date.invalid"),
            ({"quantity": "NaN"}, "quantity", "number.invalid"),
            ({"quantity": "1,5"}, "quantity", "number.invalid"),
            ({"quantity": "0.1234567891"}, "quantity", "number.invalid"),
            ({"unit_price": "1e400"}, "unit_price", "number.invalid"),
            ({"unit_price": "Infinity"}, "unit_price", "number.invalid"),
            ({"unit_price": "9" * 29}, "unit_price", "number.invalid"),
            ({"amount": "1.234"}, "amount", "number.invalid"),
            ({"amount": "99999999999999999999"}, "amount", "number.invalid"),
            ({"amount": "1", "unit_price": "1"}, "amount", "charge.priced_twice"),
            ({"amount": "", "unit_price": ""}, "unit_price", "charge.not_priced"),
            ({"sku": "nowhere"}, "unit_price", "charge.not_priced"),
            ({"product": "nowhere"}, "product", "product.unknown"),
            ({"quantity": "9" * 15, "unit_price": "9" * 12}, "quantity", "charge.too_large"),
            ({"base_quantity": "0"}, "base_quantity", "number.not_positive"),
            ({"base_quantity": "-1"}, "base_quantity", "number.not_positive"),
            ({"currency": "ABC"}, "currency", "currency.unknown"),
            ({"delivery_country": "XX"}, "delivery_country", "country.unknown"),
            ({"supply": "magic"}, "supply", "input.unknown_choice"),
            ({"period_start": "2026-11-01"}, "period_end", "charge.period"),
            (
                {"period_start": "2026-11-02", "period_end": "2026-11-01"},
                *("period_end", "charge.period"),
            ),
            ({"discount_percent": "101"}, "discount_percent", "charge.percent"),
            ({"discount_percent": "-1"}, "discount_percent", "charge.percent"),
            ({"surcharge_amount": "-1"}, "surcharge_amount", "number.not_positive"),
            ({"description": ""}, "description", "input.missing"),
            ({"description": "x" * 2_001}, "description", "input.too_long"),
        ],
    )
    def test_a_bad_cell_is_named_at_once_and_no_row_stays(self, ctx, cells, field, code):
        began = time.process_time()  # the machine may have other work
        report = self.row(ctx, **cells)
        assert errors(report) == [(2, field, code)]
        assert time.process_time() - began < 1
        assert count(ChargeRow) == 0

    def test_a_charge_is_taken_once(self, ctx):
        assert counts(self.row(ctx)) == (1, 0, 0, 0)
        assert counts(self.row(ctx)) == (0, 0, 1, 0)
        assert count(ChargeRow) == 1

    def test_a_charge_never_changes(self, ctx):
        self.row(ctx)
        report = self.row(ctx, unit_price="11")
        assert errors(report) == [(2, "reference", "charge.different")]
        assert self.charge(ctx).unit_price == 10

    def test_other_content_of_the_same_reference_in_one_file_is_refused(self, ctx):
        header = "customer,reference,date,unit_price,description\n"
        report = run(
            ctx,
            "charges",
            header + "ann,r1,2026-11-30,1,x\nann,r1,2026-11-30,1,x\nann,r1,2026-11-30,2,x\n",
        )
        assert counts(report) == (1, 0, 1, 1)
        assert errors(report) == [(4, "reference", "charge.different")]

    def test_a_product_that_comes_or_changes_later_makes_no_difference(self, ctx):
        cells = {"sku": "API", "unit_price": "1", "description": ""}
        self.row(ctx, **cells)
        for name in ("Requests", "Calls"):
            products.save(ctx, ProductInput(sku="API", name=name))
            assert counts(self.row(ctx, **cells)) == (0, 0, 1, 0)

    def test_another_source_has_references_of_its_own(self, ctx):
        text = "customer,reference,date,unit_price,description\nann,r1,2026-11-30,1,x\n"
        for source in ("", "shop", "erp"):
            assert counts(run(ctx, "charges", text, source=source)) == (1, 0, 0, 0)
        sources = db.session.scalars(select(ChargeRow.source).order_by(ChargeRow.id)).all()
        assert sources == ["csv", "shop", "erp"]

    def test_the_source_can_stand_in_the_file(self, ctx):
        assert self.charge(ctx, source="erp").source == "erp"
        assert self.charge(ctx, source="", reference="r2").source == "csv"


def test_another_tenants_customers_and_products_are_unknown(ctx, other_ctx):
    with other_ctx.acting():
        customers.save(other_ctx, CustomerInput(reference="ann", name="Ann", country="DE"))
        products.save(other_ctx, ProductInput(sku="API", name="Requests"))
    with ctx.acting():
        report = run(ctx, "charges", "customer,reference,date,product\nann,r1,2026-11-30,API\n")
        assert errors(report) == [
            (2, "customer", "customer.unknown"),
            (2, "product", "product.unknown"),
        ]


class TestProducts:
    TEXT = "sku,name,price,currency\nAPI,Requests,0.002,USD\nSEAT,Seat,12.50,\n"

    def test_a_price_comes_with_its_product(self, ctx):
        assert counts(run(ctx, "products", self.TEXT)) == (2, 0, 0, 0)
        [price] = products.prices(ctx, "SEAT")
        assert (price.currency, price.model) == ("EUR", "pricing_standard.per_unit")
        assert (price.parameters, price.valid_from) == ({"unit_price": "12.50"}, FIRST_DAY)

    def test_a_second_time_changes_nothing(self, ctx):
        run(ctx, "products", self.TEXT)
        assert counts(run(ctx, "products", self.TEXT)) == (0, 0, 2, 0)
        assert count(Price) == 2

    def test_another_price_makes_a_new_version(self, ctx):
        run(ctx, "products", self.TEXT)
        report = run(ctx, "products", self.TEXT.replace("12.50", "13"))
        assert counts(report) == (0, 1, 1, 0)
        assert [one.parameters["unit_price"] for one in products.prices(ctx, "SEAT")] == [
            *("13", "12.50"),
        ]

    def test_prices_name_model_parameters_days_and_customers(self, ctx):
        customers.save(ctx, CustomerInput(reference="ann", name="Ann", country="DE"))
        run(
            ctx,
            "products",
            "sku,name,model,price,parameter_base_quantity,customer,valid_from,valid_until\n"
            "API,Requests,,2,1000,ann,2026-01-01,2026-01-31\n"
            "SETUP,Set-up,pricing_standard.flat,99,,,,\n",
        )
        [price] = products.prices(ctx, "API")
        assert price.parameters == {"unit_price": "2", "base_quantity": "1000"}
        assert (price.customer, price.valid_from) == ("ann", date(2026, 1, 1))
        assert price.valid_to == date(2026, 2, 1)
        [price] = products.prices(ctx, "SETUP")
        assert price.parameters == {"amount": "99"}

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            (",Name,1,EUR,,", "sku"),
            ("A,,1,EUR,,", "name"),
            ("A,Name,NaN,EUR,,", "price"),
            ("A,Name,1e400,EUR,,", "price"),
            ("A,Name,-1,EUR,,", "price"),
            ("A,Name,1,XXX,,", "currency"),
            ("A,Name,1,EUR,2026-13-01,", "valid_from"),
            ("A,Name,1,EUR,,nowhere.model", "model"),
            ("A,Name,,EUR,2026-01-01,", "price"),
        ],
    )
    @pytest.mark.parametrize("skip_bad", [True, False])
    def test_a_bad_row_leaves_no_product_and_no_price(self, ctx, row, field, skip_bad):
        header = "sku,name,price,currency,valid_from,model\n"
        report = run(ctx, "products", header + row + "\n", skip_bad=skip_bad)
        assert [(error.line, error.field) for error in report.errors] == [(2, field)]
        assert (count(Product), count(Price)) == (0, 0)

    def test_the_good_rows_around_a_bad_one_are_stored_on_request(self, ctx):
        text = self.TEXT + "BAD,Bad,-1,EUR\nMORE,More,3,EUR\n"
        report = run(ctx, "products", text, skip_bad=True)
        assert counts(report) == (3, 0, 0, 1)
        assert [one.sku for one in products.listing(ctx)] == ["API", "MORE", "SEAT"]

    def test_a_price_that_is_stored_otherwise_is_refused(self, ctx):
        header = "sku,name,price,valid_from\n"
        run(ctx, "products", header + "A,Name,1,2026-01-01\n")
        report = run(ctx, "products", header + "A,Renamed,2,2026-01-01\n", skip_bad=True)
        assert errors(report) == [(2, "valid_from", "price.version_exists")]
        assert products.get(ctx, "A").name == "Name"


class TestRetail:
    """Real order lines: tests/data/retail/README.md."""

    @pytest.mark.slow
    def test_ten_thousand_rows_come_in_within_seconds_and_only_once(self, ctx):
        for kind, rows in (("customers", 391), ("charges", 9_999)):
            with open(RETAIL / f"{kind}.csv", "rb") as file:
                began = time.perf_counter()
                assert counts(importing.run(ctx, kind, file)) == (rows, 0, 0, 0)
                assert counts(importing.run(ctx, kind, file)) == (0, 0, rows, 0)
                assert time.perf_counter() - began < 30
        assert len(charging.listing(ctx, state=ChargeState.OPEN, limit=10_000)) == 9_999

    @pytest.mark.parametrize("sheet_format", ["csv", "xlsx"])
    def test_exported_customers_read_back(self, ctx, other_ctx, sheet_format):
        with open(RETAIL / "customers.csv", "rb") as file:
            importing.run(ctx, "customers", file)
        out = io.BytesIO()
        exporting.run(ctx, "customers", out, sheet_format=sheet_format)
        assert counts(importing.run(ctx, "customers", out)) == (0, 0, 391, 0)
