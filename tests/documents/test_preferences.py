"""How each customer wants documents."""

import io

import pytest

from billhook.errors import NotFound, ValidationFailed
from billhook.services import customers, exporting, importing, preferences
from billhook.services.preferences import PreferenceChange


@pytest.fixture
def ann(customer):
    return customer("ann")


def test_what_a_customer_does_not_say_is_as_the_tenant_has_it(shop, ann):
    found = preferences.of_customer(shop, ann)
    assert (found.channels, found.formats, found.brand) == ((), (), "")


def test_a_tone_is_kept_until_it_is_changed(shop, ann):
    preferences.save(shop, "ann", PreferenceChange(tone="friendly"))
    assert preferences.of_customer(shop, ann).tone == "friendly"
    preferences.save(shop, "ann", PreferenceChange(channels="none"))
    assert preferences.of_customer(shop, ann).tone == "friendly"


@pytest.mark.parametrize(
    "change",
    [
        PreferenceChange(channels="pigeon.post"),
        PreferenceChange(formats="clay.tablet"),
        PreferenceChange(brand="nobody"),
        PreferenceChange(tone="rude"),
    ],
)
def test_what_cannot_be_chosen_is_refused(shop, ann, change):
    with pytest.raises(ValidationFailed):
        preferences.save(shop, "ann", change)
    assert preferences.of_customer(shop, ann).tone == "formal"


def test_an_unknown_customer_is_not_found(shop):
    with pytest.raises(NotFound):
        preferences.save(shop, "nobody", PreferenceChange(tone="friendly"))


def imported(ctx, text):
    return importing.run(ctx, "customers", io.BytesIO(text.encode()))


def test_an_import_sets_preferences_and_electronic_addresses(shop):
    report = imported(
        shop,
        "reference,name,country,electronic_address,electronic_scheme,legal_id,legal_id_scheme,"
        "contact_name,phone,tone,channels\n"
        "zoe,Zoe SARL,FR,30326504500010,0009,303265045,0002,Zoe Z,+33 1 23,friendly,none\n",
    )
    assert report.is_written, report.errors
    zoe = customers.get(shop, "zoe")
    assert (zoe.electronic_address, zoe.electronic_scheme) == ("30326504500010", "0009")
    assert (zoe.legal_id, zoe.legal_id_scheme) == ("303265045", "0002")
    assert (zoe.contact_name, zoe.phone) == ("Zoe Z", "+33 1 23")
    found = preferences.of_customer(shop, zoe.id)
    assert (found.tone, found.channels) == ("friendly", ())
    again = io.BytesIO()
    exporting.run(shop, "customers", again)
    second = imported(shop, again.getvalue().decode())
    assert (second.unchanged, second.changed, second.new) == (1, 0, 0)


@pytest.mark.parametrize(
    ("columns", "values", "path"),
    [
        ("tone", "rude", "tone"),
        ("channels", "pigeon.post", "channels"),
        ("electronic_address", "303", "electronic_scheme"),
        ("electronic_scheme", "0009", "electronic_address"),
        ("electronic_address,electronic_scheme", "303,9", "electronic_scheme"),
        ("legal_id_scheme", "SIREN", "legal_id_scheme"),
    ],
)
def test_a_wrong_cell_names_its_column_and_leaves_nothing(shop, columns, values, path):
    report = imported(shop, f"reference,name,country,{columns}\nzoe,Zoe,FR,{values}\n")
    assert not report.is_written
    assert [error.field for error in report.errors] == [path]
    with pytest.raises(NotFound):
        customers.get(shop, "zoe")
