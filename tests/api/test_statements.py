"""Statements by the API: what a customer pays, and how late it is."""

from billhook.ids import new_id


def test_a_statement_says_what_is_open_and_its_sums(program, office):
    reader = program("documents.view", "customers.view")
    [customer] = [
        one
        for one in reader.get("/customers", expand="balance").json["data"]
        if one["reference"] == "ann"
    ]

    found = reader.get(f"/customers/{customer['id']}/statement").json

    assert found["customer_id"] == customer["id"]
    assert found["left_out"] == 0
    assert [(one["currency"], one["balance"], one["owed"]) for one in found["currencies"]] == [
        (one["currency"], one["total"], one["owed"]) for one in customer["balance"]
    ]
    for one in found["currencies"]:
        assert sum(age["count"] for age in one["ages"]) == len(
            [item for item in one["items"] if not item["open"].startswith("-")]
        )


def test_it_comes_as_pdf_and_to_those_who_may_see_documents(program, office):
    reader = program("documents.view", "customers.view")
    customer = reader.get("/customers").json["data"][0]["id"]

    paper = reader.get(f"/customers/{customer}/statement/pdf")

    assert (paper.status_code, paper.content_type) == (200, "application/pdf")
    assert paper.data.startswith(b"%PDF")
    assert program("customers.view").get(f"/customers/{customer}/statement").status_code == 403
    assert reader.get(f"/customers/{new_id()}/statement").status_code == 404
