"""Fields of one's own and series of brands, from the command line."""


def test_a_field_is_added_changed_and_laid_aside(shop):
    added = shop(
        *("field", "add", "line", "Size", "--kind", "choice", "--choice", "S", "--choice", "M"),
        *("--printed", "--json"),
    ).json["fields"]
    assert [(one["key"], one["choices"], one["is_printed"]) for one in added] == [
        ("size", ["S", "M"], True)
    ]
    changed = shop(
        *("field", "set", "line", "size", "--label", "Format", "--required", "--laid-aside"),
        "--json",
    ).json["fields"]
    assert [(one["key"], one["label"], one["is_required"]) for one in changed] == [
        ("size", "Format", True)
    ]
    listed = shop("field", "list", "--json").json["fields"]
    assert [(one["choices"], one["is_active"]) for one in listed] == [(["S", "M"], False)]


def test_a_field_that_is_not_there_is_told(shop):
    assert "colour" in shop("field", "set", "line", "colour", "--required", status=1).err


def test_a_brand_gets_a_series_of_its_own(shop):
    shop("brand", "set", "north", "--name", "North")
    shop("series", "add", "north", "--pattern", "N{yyyy}-{number:4}")
    listed = shop("series", "list", "--json").json["series"]
    assert ("north-invoice", "N{yyyy}-{number:4}") in [
        (one["code"], one["pattern"]) for one in listed
    ]
    refused = shop("series", "set", "invoices", "--pattern", "n{yy}-{number}", status=1).err
    assert "prints the same numbers" in refused
