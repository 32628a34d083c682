"""Fields that people and files send, read one by one; what is wrong is collected.

```python
fields = Fields()
country = fields.country("country", sent)
name = fields.text("name", sent, limit=NAME, is_required=True)
if fields.problems: …
```
A field that is wrong comes back empty, so that the reading goes on to the next.
"""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar
from zoneinfo import available_timezones

from babel import Locale
from babel.core import UnknownLocaleError

from billhook import limits
from billhook.domain.countries import is_country
from billhook.errors import BadNumber
from billhook.i18n import gettext as _
from billhook.money import (
    LARGEST_AMOUNT,
    MINOR_DIGITS,
    minor_digits,
    parse_decimal,
    round_half_away,
)
from billhook.problems import Problem

_EMAIL = re.compile(r"[^@\s\"<>(),;:\\]+@[^@\s.\"<>(),;:\\]+(\.[^@\s.\"<>(),;:\\]+)+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FOUR_DIGITS = re.compile(r"[0-9]{4}", re.ASCII)
_YES = frozenset({"1", "true", "yes", "y", "on"})
_NO = frozenset({"0", "false", "no", "n", "off"})

E = TypeVar("E", bound=StrEnum)


class Fields:
    """The reading of one input."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, path: str, code: str, message: str) -> None:
        """Add a problem of the caller's own."""
        self.problems.append(Problem(code=code, path=path, message=message))

    def require(self, **values: object) -> None:
        """Refuse what is empty and has no problem yet."""
        for path, value in values.items():
            if not value and not any(problem.path == path for problem in self.problems):
                self.refuse(path, "input.missing", _("This is needed. Fill it in."))

    def text(self, path: str, value: str, *, limit: int, is_required: bool = False) -> str:
        """Read one line of text."""
        found = value.strip()
        if not found and is_required:
            self.refuse(path, "input.missing", _("This is needed. Fill it in."))
        elif len(found) > limit:
            self._too_long(path, found, limit)
        elif not found.isprintable():
            self.refuse(
                path,
                "input.unprintable",
                _("It holds a character that cannot be printed. Remove it."),
            )
        else:
            return found
        return ""

    def prose(self, path: str, value: str, *, limit: int = limits.TEXT) -> str:
        """Read text of several lines."""
        found = value.strip().replace("\r\n", "\n").replace("\r", "\n")
        if len(found) > limit:
            self._too_long(path, found, limit)
        elif not found.replace("\n", "").replace("\t", "").isprintable():
            self.refuse(
                path,
                "input.unprintable",
                _("It holds a character that cannot be printed. Remove it."),
            )
        else:
            return found
        return ""

    def _too_long(self, path: str, value: str, limit: int) -> None:
        self.refuse(
            path,
            "input.too_long",
            _(
                "It has %(length)s characters; at most %(limit)s are possible. Shorten it.",
                length=len(value),
                limit=limit,
            ),
        )

    def country(self, path: str, value: str) -> str:
        """Read an ISO 3166-1 code, in capitals or not."""
        code = value.strip().upper()
        if not code or is_country(code):
            return code
        self.refuse(
            path,
            "country.unknown",
            _(
                "“%(country)s” is not an ISO 3166 country. Use a code of two letters such as DE or "
                "GB.",
                country=value[:40],
            ),
        )
        return ""

    def currency(self, path: str, value: str) -> str:
        """Read an ISO 4217 code, in capitals or not."""
        code = value.strip().upper()
        if not code or code in MINOR_DIGITS:
            return code
        self.refuse(
            path,
            "currency.unknown",
            _(
                "“%(currency)s” is not an ISO 4217 currency. Use a code such as EUR or USD.",
                currency=value[:40],
            ),
        )
        return ""

    def language(self, path: str, value: str) -> str:
        """Read an IETF language tag such as ``de`` or ``pt-BR``."""
        tag = value.strip().replace("_", "-")
        if not tag or _is_language(tag):
            return tag
        self.refuse(
            path,
            "language.unknown",
            _(
                "“%(language)s” is not a language. Use a tag such as en, de or pt-BR.",
                language=value[:40],
            ),
        )
        return ""

    def identifier_scheme(self, path: str, value: str) -> str:
        """Read an ISO 6523 ICD code, such as 0002."""
        return self._four_digits(path, value)

    def electronic_scheme(self, path: str, value: str) -> str:
        """Read a code of the EAS list, such as 0088, 9930 or EM."""
        code = value.strip().upper()
        return (
            code if code in ("", "AN", "AQ", "AS", "AU", "EM") else self._four_digits(path, code)
        )

    def _four_digits(self, path: str, value: str) -> str:
        code = value.strip()
        if not code or _FOUR_DIGITS.fullmatch(code):
            return code
        self.refuse(
            path,
            "identifier.scheme_unknown",
            _(
                "“%(scheme)s” is not a scheme. Use its code of four digits, such as 0088 for GLN.",
                scheme=value[:40],
            ),
        )
        return ""

    def time_zone(self, path: str, value: str) -> str:
        """Read a name of the IANA time zone database."""
        name = value.strip()
        if not name or name in _time_zones():
            return name
        self.refuse(
            path,
            "time_zone.unknown",
            _(
                "“%(zone)s” is not a time zone. Use a name such as Europe/Berlin.",
                zone=value[:40],
            ),
        )
        return ""

    def email(self, path: str, value: str) -> str:
        """Read an e-mail address; it comes back in lower case."""
        address = value.strip().lower()
        fits = len(address) <= limits.EMAIL and address.isprintable()
        if not address or (fits and _EMAIL.fullmatch(address)):
            return address
        self.refuse(
            path,
            "email.malformed",
            _(
                "“%(address)s” is not an e-mail address. One looks like name@example.org.",
                address=value[:80],
            ),
        )
        return ""

    def choice(self, path: str, value: str, kind: type[E]) -> E | None:
        """Read one word of a closed set."""
        word = value.strip().lower().replace("-", "_").replace(" ", "_")
        if not word:
            return None
        if word in set(kind):
            return kind(word)
        self.refuse(
            path,
            "input.unknown_choice",
            _(
                "“%(value)s” is not known here. It can be %(choices)s.",
                value=value[:40],
                choices=", ".join(kind),
            ),
        )
        return None

    def flag(self, path: str, value: str) -> bool | None:
        """Read yes or no."""
        word = value.strip().lower()
        if not word:
            return None
        if word in _YES or word in _NO:
            return word in _YES
        self.refuse(
            path,
            "input.not_a_flag",
            _("“%(value)s” is neither yes nor no.", value=value[:40]),
        )
        return None

    def day(self, path: str, value: str) -> date | None:
        """Read a date, ``2026-11-30``."""
        text = value.strip()
        if not text:
            return None
        if _DAY.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        self.refuse(
            path,
            "date.invalid",
            _(
                "“%(value)s” is not a date. Write year, month and day: 2026-11-30.",
                value=value[:40],
            ),
        )
        return None

    def number(self, path: str, value: str, *, decimals: int) -> Decimal | None:
        """Read an exact number by the strict grammar of `money.parse_decimal`."""
        text = value.strip()
        if not text:
            return None
        try:
            return parse_decimal(text, decimals=decimals)
        except BadNumber as error:
            self.refuse(path, error.code, error.message)
            return None

    def amount(self, path: str, value: str, currency: str) -> int | None:
        """Read an amount in major units into minor units of a known currency."""
        found = self.number(path, value, decimals=minor_digits(currency))
        if found is None:
            return None
        minor = round_half_away(found, minor_digits(currency))
        if abs(minor) <= LARGEST_AMOUNT:
            return minor
        error = BadNumber(value.strip(), minor_digits(currency))
        self.refuse(path, error.code, error.message)
        return None

    def whole(self, path: str, value: str, *, most: int) -> int | None:
        """Read a whole number from 0 to `most`."""
        text = value.strip()
        if not text:
            return None
        if len(text) <= 18 and text.isascii() and text.isdigit() and int(text) <= most:
            return int(text)
        self.refuse(
            path,
            "number.not_whole",
            _(
                "“%(value)s” is not a whole number from 0 to %(most)s.",
                value=value[:40],
                most=most,
            ),
        )
        return None

    def one_of(self, path: str, value: str, choices: Collection[str]) -> str:
        """Read one of some codes that are not an enumeration."""
        code = value.strip()
        if not code or code in choices:
            return code
        self.refuse(
            path,
            "input.unknown_choice",
            _(
                "“%(value)s” is not known here. It can be %(choices)s.",
                value=value[:40],
                choices=", ".join(sorted(choices)),
            ),
        )
        return ""


@lru_cache(maxsize=1024)
def _is_language(tag: str) -> bool:
    if len(tag) > 20 or not tag.replace("-", "").isalnum() or not tag.isascii():
        return False
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
