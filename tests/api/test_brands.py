"""Brands and templates by the API."""

from io import BytesIO

from tests.services.test_brands import picture
from tests.web.conftest import LOGO

ACCOUNT = {"holder": "Office", "iban": "DE89 3704 0044 0532 0130 00"}


def test_a_brand_is_added_changed_and_given_a_logo(program):
    at = program()
    made = at.post("/brands", {"code": "north", "name": "North", "bank_accounts": [ACCOUNT]})
    assert made.status_code == 201, made.text
    assert made.json["bank_accounts"][0]["iban"] == "DE89370400440532013000"
    assert at.get("/brands/north").json == made.json
    assert made.json in at.get("/brands").json["data"]
    assert fields(at.post("/brands", {"code": "north", "name": "Again"})) == ["code"]
    etag = {"If-Match": made.headers["ETag"]}
    name = next(iter(at.get("/brand-choices").json["themes"][0]["colours"]))
    changed = at.patch("/brands/north", {"colours": {name: "#123456"}}, headers=etag).json
    assert changed["colours"] == {name: "#123456"}
    assert changed["bank_accounts"] == made.json["bank_accounts"]
    assert at.patch("/brands/north", {"name": "Late"}, headers=etag).status_code == 412
    wrong = {"colours": {"none": "red"}, "bank_accounts": [{"holder": "X", "iban": "DE1"}]}
    assert fields(at.patch("/brands/north", wrong)) == ["colours.none", "bank_accounts.0.iban"]
    at.patch("/brands/north", {"is_default": True})
    assert not at.get("/brands/default").json["is_default"]
    assert at.patch("/brands/nobody", {"name": "X"}).status_code == 404
    assert program("brands.view").patch("/brands/north", {"name": "X"}).status_code == 403


def test_a_logo_is_set_read_and_taken_away(program):
    at = program()
    logo = LOGO.read_bytes()
    content = {"method": "PUT", "path": "/brands/default/logo"}
    put = at.send(**content, data={"file": (BytesIO(logo), "logo.png")})
    assert put.status_code == 200, put.text
    read = at.get("/brands/default/logo")
    assert (read.data, read.content_type) == (logo, "image/png")
    assert read.headers["ETag"].strip('"') == put.json["logo"]["sha256"]
    for broken in (b"", b"GIF89a"):
        wrong = at.send(**content, data={"file": (BytesIO(broken), "logo.gif")})
        assert fields(wrong) == ["logo"]
    assert at.delete("/brands/default/logo").json["logo"] is None
    assert at.get("/brands/default/logo").status_code == 404


def test_an_icon_a_typeface_and_legal_links_are_set(program):
    at = program()
    icon = picture(size=(32, 32))
    put = at.send(
        method="PUT", path="/brands/default/favicon", data={"file": (BytesIO(icon), "i.png")}
    )
    assert put.status_code == 200, put.text
    assert at.get("/brands/default/favicon").data == icon
    assert at.delete("/brands/default/favicon").json["favicon"] is None
    assert at.get("/brands/default/favicon").status_code == 404
    fonts = at.get("/brand-choices").json["themes"][0]["fonts"]
    links = [{"label": "Imprint", "address": "https://x.example/imprint"}]
    changed = at.patch("/brands/default", {"font": min(fonts), "legal_links": links}).json
    assert (changed["font"], changed["legal_links"]) == (min(fonts), links)
    wrong = {"font": "comic", "legal_links": [{"label": "Bad", "address": "http://x.example"}]}
    assert fields(at.patch("/brands/default", wrong)) == ["font", "legal_links.0.address"]


def test_a_brand_is_previewed_and_nothing_is_kept(program):
    at = program("brands.view")
    page = at.post("/brands/default/preview", {"name": "Preview & Co", "legal_text": "Foot"})
    assert page.status_code == 200, page.text
    assert "Foot" in page.text
    assert "text/html" in page.content_type
    assert at.post("/brands/default/preview", {"shown": "mail"}).status_code == 200
    file = at.post("/brands/default/preview-file", {"shown": "credit_note"})
    assert (file.status_code, file.content_type) == (200, "application/pdf")
    assert at.get("/brands/default").json["legal_text"] == ""
    assert at.post("/brands/nobody/preview", {}).status_code == 404


def test_a_template_keeps_the_texts_of_other_languages(program):
    at = program()
    where = "/brands/default/templates/invoice"
    read = at.get(where)
    assert read.json in at.get("/brands/default/templates").json["data"]
    etag = {"If-Match": read.headers["ETag"]}
    first = at.patch(where, {"language": "en", "intro": "Hello {customer}"}, headers=etag)
    assert first.status_code == 200, first.text
    both = at.patch(where, {"language": "de", "intro": "Hallo"}).json
    assert {one["language"]: one["intro"] for one in both["texts"]} == {
        "de": "Hallo",
        "en": "Hello {customer}",
    }
    assert at.patch(where, {"columns": ["net"]}, headers=etag).status_code == 412
    assert fields(at.patch(where, {"columns": ["net"]})) == ["columns"]
    assert fields(at.patch(where, {"intro": "{nothing}"})) == ["language", "intro"]
    page = at.post(f"{where}/preview", {"language": "en", "notes": "Only tried"})
    assert "Only tried" in page.text
    assert at.post(f"{where}/preview-file", {}).content_type == "application/pdf"
    assert at.get("/brands/default/templates/poem").status_code == 404


def fields(response) -> list[str]:
    """Return the fields at fault."""
    assert response.status_code == 422, response.text
    return [one["field"] for one in response.json["problems"]]
