"""Settings are typed; texts are read strictly, whoever writes them; the environment wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.errors import ValidationFailed
from billhook.plugins.settings import (
    class_complaint,
    fields_of,
    fixed_by,
    from_environment,
    parse,
    text_of,
    typed,
)
from billhook.problems import Problem, Severity
from billhook.sdk.settings import Settings, secret, setting


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxSettings(Settings):
    plugin: ClassVar[str] = "fax"

    number: str = setting(label="Number")  # without a default: somebody must say it
    retries: int = setting(3, label="Retries")
    is_loud: bool = setting(False, label="Loud")
    price: Decimal = setting(Decimal("0.10"), label="Price")
    since: date | None = setting(None, label="Since")
    colour: Colour = setting(Colour.RED, label="Colour")
    note: str | None = setting(None, label="Note")
    password: str = secret(label="Password")

    def problems(self) -> Sequence[Problem]:
        if self.retries > 10:
            return (Problem(code="fax.retries_many", path="retries", message="Too many."),)
        if self.is_loud:
            return (Problem(code="fax.loud", message="It is loud.", severity=Severity.WARNING),)
        return ()


FIELDS = {field.name: field for field in fields_of(FaxSettings)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("number", "+49 30 1", "+49 30 1"),
        ("number", "", ""),
        ("retries", "0", 0),
        ("retries", "-7", -7),
        ("is_loud", "true", True),
        ("is_loud", "false", False),
        ("price", "12.50", Decimal("12.5")),
        ("since", "2026-02-28", date(2026, 2, 28)),
        ("since", "", None),
        ("colour", "green", Colour.GREEN),
        ("note", "", None),
        ("note", "two\nlines", "two\nlines"),
        ("password", "hunter2", "hunter2"),
    ],
)
def test_a_text_is_read_into_the_field_s_type(name, text, value):
    assert parse(FIELDS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("retries", ""),
        ("retries", "3.0"),
        ("retries", "1e3"),
        ("retries", " 3"),
        ("retries", "٣"),
        ("retries", "9" * 5000),
        ("is_loud", "True"),
        ("is_loud", "1"),
        ("is_loud", ""),
        ("price", "1,50"),
        ("price", "NaN"),
        ("price", "1e400"),
        ("price", "0.1234567890123"),
        ("since", "28.02.2026"),
        ("since", "2026-02-30"),
        ("since", "20260228"),
        ("since", "2026-W09-6"),
        ("colour", "blue"),
        ("colour", "RED"),
        ("colour", ""),
        ("number", "nul\x00"),
        ("number", "half\ud800"),
        ("number", "x" * 16_001),
        ("password", "bell\x07"),
    ],
)
def test_everything_else_is_refused_at_its_field(name, text):
    with pytest.raises(ValidationFailed) as refused:
        parse(FIELDS[name], text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.path) == ("setting.malformed", name)
    assert text not in problem.message or len(text) < 20


@given(
    st.fixed_dictionaries(
        {
            "number": st.text(st.characters(min_codepoint=32, exclude_characters="\x7f",
                                            exclude_categories=["Cs"]), max_size=50),
            "retries": st.integers(-(10**17), 10),
            "is_loud": st.booleans(),
            "price": st.decimals(-(10**9), 10**9, places=12),
            "since": st.none() | st.dates(),
            "colour": st.sampled_from(Colour),
        }
    )
)  # fmt: skip
def test_settings_survive_their_texts(values):
    settings, _ = typed(FaxSettings, {name: text_of(value) for name, value in values.items()})
    assert settings == FaxSettings(**values)


def test_defaults_fill_in_what_nobody_set():
    settings, problems = typed(FaxSettings, {"number": "1"})
    assert settings == FaxSettings(number="1")
    assert problems == []


def test_a_setting_without_a_default_is_asked_for_with_the_command():
    settings, (problem,) = typed(FaxSettings, {})
    assert settings is None
    assert (problem.code, problem.path) == ("setting.missing", "number")
    assert "billhook plugin settings fax number=" in problem.message


def test_all_problems_are_found_at_once():
    _, problems = typed(FaxSettings, {"retries": "many", "colour": "blue"})
    assert [problem.path for problem in problems] == ["number", "retries", "colour"]


def test_a_class_checks_what_types_cannot():
    _, problems = typed(FaxSettings, {"number": "1", "retries": "11"})
    assert [problem.code for problem in problems] == ["fax.retries_many"]


def test_a_text_of_a_field_that_is_gone_is_passed_over():
    assert typed(FaxSettings, {"number": "1", "speed": "9600"})[1] == []


def test_a_secret_never_shows_in_the_settings_repr():
    settings, _ = typed(FaxSettings, {"number": "1", "password": "hunter2"})
    assert settings.password == "hunter2"
    assert "hunter2" not in repr(settings)


# Environment


def test_the_environment_wins_and_is_named(monkeypatch):
    monkeypatch.setenv("BILLHOOK_FAX_RETRIES", "7")
    settings, _ = typed(FaxSettings, {"number": "1", "retries": "5"})
    assert settings.retries == 7
    assert fixed_by(FIELDS["retries"]) == "BILLHOOK_FAX_RETRIES"
    assert fixed_by(FIELDS["number"]) == ""


def test_a_file_can_hold_the_value(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("hunter2\n")
    monkeypatch.setenv("BILLHOOK_FAX_PASSWORD_FILE", str(tmp_path / "password"))
    assert from_environment(FIELDS["password"]) == "hunter2"
    assert fixed_by(FIELDS["password"]) == "BILLHOOK_FAX_PASSWORD_FILE"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("BILLHOOK_FAX_RETRIES", "many", "BILLHOOK_FAX_RETRIES"),
        ("BILLHOOK_FAX_RETRIES_FILE", "/nowhere", "BILLHOOK_FAX_RETRIES_FILE"),
    ],
)
def test_a_bad_variable_is_an_error_that_names_it_never_the_default(
    monkeypatch, variable, value, told
):
    monkeypatch.setenv(variable, value)
    settings, (problem,) = typed(FaxSettings, {"number": "1"})
    assert settings is None
    assert told in problem.message


# Classes


def made(**fields):
    annotations = {name: kind for name, (kind, _default) in fields.items()}
    values = {name: default for name, (_kind, default) in fields.items()}
    body = {"__annotations__": {"plugin": ClassVar[str], **annotations}, "plugin": "fax", **values}
    return dataclass(frozen=True, kw_only=True)(type("Made", (Settings,), body))


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (made(speed=(float, setting(1, label="Speed"))), "speed is"),
        (made(speed=(list[int], setting((), label="Speed"))), "speed is"),
        (made(speed=(int | str, setting(1, label="Speed"))), "speed is"),
        (made(speed=(int, 9600)), "speed is not declared by setting"),
        (made(pin=(int, secret(label="PIN"))), "pin is a secret, and so must be a str"),
        (made(speed=(Any, setting(1, label="Speed"))), "speed is"),
    ],
)
def test_a_class_that_cannot_be_settings_is_refused(kind, complaint):
    assert complaint in class_complaint("fax", kind)


def test_settings_belong_to_the_plugin_that_registers_them():
    assert class_complaint("fax", FaxSettings) is None
    assert "plugin: ClassVar" in class_complaint("telex", FaxSettings)
