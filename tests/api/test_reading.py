"""What a request brings has one meaning, or is refused with the place and what to do."""

BODY = '{"reference": "C-9", "name": "Umbrella", "country": "DE"}'


BODIES = [
    ("{", "body.malformed", ""),
    ("nothing", "body.malformed", ""),
    ("\xff", "body.malformed", ""),
    (
        '{"reference": "C-9", "reference": "C-8", "name": "A"}',
        "field.doubled",
        "reference",
    ),
    ('{"reference": "C-9", "naem": "A"}', "field.unknown", "naem"),
    ('{"name": "A"}', "field.missing", "reference"),
    ('{"reference": 9, "name": "A"}', "field.invalid", "reference"),
    ('{"reference": "C-9", "name": null, "country": true}', "field.invalid", "country"),
    ('{"reference": NaN}', "body.malformed", ""),
    ('{"reference": 1e400}', "number.inexact", ""),
    ('{"reference": 12345678901234567890}', "number.inexact", ""),
    ('{"reference": 1.5}', "number.inexact", ""),
    ('{"reference": "C\\u0000"}', "text.unusable", ""),
    ('{"reference": "C\\ud800"}', "text.unusable", ""),
    ('{"a": ' * 40 + "1" + "}" * 40, "body.too_deep", ""),
    ("[" * 100_000, "body.too_deep", ""),
    ("[]", "field.invalid", ""),
    ('"C-9"', "field.invalid", ""),
]
"""Each with the problem's code and field."""


def test_a_body_of_two_meanings_is_refused(program):
    at = program("customers.edit")
    for body, code, field in BODIES:
        raw = body.encode("latin-1")
        answer = at.send("POST", "/customers", data=raw, content_type="application/json")
        assert answer.status_code == 400, answer.text
        assert answer.content_type == "application/problem+json"
        found = [(one["code"], one["field"]) for one in answer.json["problems"]]
        assert (code, field) in found, body[:80]


def test_only_json_is_read(program):
    at = program("customers.edit")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        answer = at.send("POST", "/customers", data=BODY, content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (415, "body.media_type"), kind


def test_a_body_that_is_too_large_is_refused(program):
    at = program("customers.edit")
    body = '{"reference": "' + "C" * 3_000_000 + '"}'
    answer = at.send("POST", "/customers", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "body.too_large")


QUERIES = [
    ("limt=3", "field.unknown", "limt"),
    ("limit=3&limit=4", "query.doubled", "limit"),
    ("limit=0", "field.invalid", "limit"),
    ("limit=101", "field.invalid", "limit"),
    ("limit=three", "field.invalid", "limit"),
    ("sort=colour", "field.invalid", "sort"),
    ("after=bm9uZQ", "list.cursor", "after"),
]


def test_a_query_is_read_strictly(program):
    at = program("customers.view")
    for query, code, field in QUERIES:
        answer = at.get(f"/customers?{query}")
        assert answer.status_code == (422 if code == "list.cursor" else 400)
        assert (code, field) in [(one["code"], one["field"]) for one in answer.json["problems"]]


def test_a_nul_is_refused_before_any_database_sees_it(program):
    at = program()
    assert at.get("/customers?text=%00").status_code == 400
    assert at.get("/customers/%00").status_code == 404
    key = at.post("/customers", {"reference": "A"}, key="x\u00e9\u2028")
    assert key.status_code == 400


def test_texts_are_in_the_language_that_the_program_asks_for(program):
    at = program("customers.view")
    english = at.get("/customers?limit=0").json["detail"]
    german = at.send("GET", "/customers?limit=0", headers={"Accept-Language": "de"}).json["detail"]
    assert english != german


def test_an_error_names_the_request(program):
    answer = program("customers.view").get("/customers/01980c0a-7d6e-7c3f-a6d2-0b1c2d3e4f50")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:billhook:problem:resource.not_found"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_body_may_be_left_out_where_all_that_it_could_say_is_optional(program):
    paths = program("customers.edit").get("/openapi.json").json["paths"]
    for path, method, needed in (
        ("/api/v1/contacts/{contact_id}", "patch", False),
        ("/api/v1/customers", "post", True),
    ):
        assert paths[path][method]["requestBody"]["required"] is needed, path


def test_a_key_that_is_none_is_refused_before_anything_is_looked_at(program):
    at = program("customers.edit")
    for key in ("a b", "é", "x" * 201):
        answer = at.post("/customers", {}, key=key)
        assert answer.status_code == 400, key
        assert answer.json["problems"][0]["code"] == "idempotency.key_invalid"
