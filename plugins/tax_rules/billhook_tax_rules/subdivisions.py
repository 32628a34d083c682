"""States and provinces whose taxes differ: those of Canada, India and the United States.

Codes are those of ISO 3166-2. India renamed some; both ways of writing are read.
"""

from functools import cache

from billhook.problems import Problem
from billhook_tax_rules.tables import rows
from billhook_tax_rules.texts import gettext as _

_UNION_TERRITORY = "union_territory"
_EXAMPLES = {"CA": "ON", "IN": "MH", "US": "NY"}


def current_code(country: str, code: str) -> str | None:
    """Return the code that is in use now, or None where the country has no such part."""
    found = _by_code().get((country, code))
    return found["now"] or code if found else None


def is_union_territory(code: str) -> bool:
    """Tell whether a part of India has no legislature, so that the Union taxes in its place."""
    return _by_code()["IN", code]["kind"] == _UNION_TERRITORY


def subdivision_problem(country: str, code: str, *, path: str) -> Problem | None:
    """Return what is wrong with a code, if anything."""
    if current_code(country, code):
        return None
    if not code:
        return Problem(
            code="tax_rules.subdivision_missing",
            path=path,
            message=_(
                "Taxes of %(country)s depend on the state or province. Enter it, such as"
                " %(example)s.",
                country=country,
                example=_EXAMPLES[country],
            ),
        )
    return Problem(
        code="tax_rules.subdivision_unknown",
        path=path,
        message=_(
            "“%(code)s” is no state or province of %(country)s that the tax table knows. Enter"
            " its code of ISO 3166-2, such as %(example)s.",
            code=code,
            country=country,
            example=_EXAMPLES[country],
        ),
    )


@cache
def _by_code() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["country"], row["code"]): row for row in rows("subdivisions.csv")}
