"""Pages and plugins are complete in each language that staff can choose."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LANGUAGES = ("de", "es", "fr")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
ADVICE = "Run bin/translations, and translate what is new: docs/howto/translate-pages.md."

PACKAGES = {
    "billhook": ROOT / "core" / "billhook",
    **{
        folder.name: folder / f"billhook_{folder.name}"
        for folder in sorted((ROOT / "plugins").iterdir())
        if folder.name != "tax_rules" and (folder / "setup.cfg").is_file()
    },
}


def wanted(package: Path) -> set[object]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(package), methods, options, KEYWORDS)
    return {message for _file, _line, message, *_rest in found if message}


CASES = [
    pytest.param(domain, code, id=f"{domain}-{code}")
    for domain, package in PACKAGES.items()
    for code in LANGUAGES
    if wanted(package)
]


def catalogue(domain: str, code: str):
    path = PACKAGES[domain] / "translations" / code / "LC_MESSAGES" / f"{domain}.po"
    assert path.is_file(), ADVICE
    with path.open("rb") as file:
        return [one for one in read_po(file, locale=code, abort_invalid=True) if one.id]


def forms(one) -> list[str]:
    return list(one.string) if isinstance(one.string, tuple | list) else [one.string]


def named(text: str) -> list[str]:
    return sorted(set(re.findall(r"%\((\w+)\)s", text)))


@pytest.mark.parametrize(("domain", "code"), CASES)
def test_no_text_is_missing_left_over_or_doubtful(domain, code):
    found = catalogue(domain, code)
    assert {one.id for one in found} == wanted(PACKAGES[domain]), ADVICE
    assert [one.id for one in found if one.fuzzy or not all(forms(one))] == []


@pytest.mark.parametrize(("domain", "code"), CASES)
def test_a_translation_fills_in_what_the_text_does(domain, code):
    """A form for one may leave the count out; nothing fills in what the text does not name."""
    wrong = []
    for one in catalogue(domain, code):
        source = one.id if isinstance(one.id, str) else one.id[1]
        for form in forms(one):
            extra = set(named(form)) - set(named(source))
            lost = set(named(source)) - set(named(form)) - {"count", "num"}
            if extra or lost or ("%" in re.sub(r"%\(\w+\)s|%%", "", form) and "%(" in source):
                wrong.append((one.id, form))
    assert wrong == []
