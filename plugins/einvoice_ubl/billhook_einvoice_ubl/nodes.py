"""Values out of a tree of UBL, by the path of their element."""

from datetime import date
from decimal import Decimal

from lxml.etree import _Element

from billhook.errors import BadNumber
from billhook.money import DIGITS, parse_decimal
from billhook_einvoice_ubl.namespaces import PREFIXES
from billhook_einvoice_ubl.parsing import NotReadable
from billhook_einvoice_ubl.terms import Identifier, Span
from billhook_einvoice_ubl.texts import gettext as _


def first(parent: _Element, path: str) -> _Element | None:
    found: _Element | None = parent.find(path, PREFIXES)
    return found


def every(parent: _Element, path: str) -> list[_Element]:
    return list(parent.iterfind(path, PREFIXES))


def text(parent: _Element, path: str) -> str:
    """Return the text of an element; empty where there is none."""
    found = first(parent, path)
    return "" if found is None else (found.text or "").strip()


def number(parent: _Element, path: str) -> Decimal | None:
    """Raises NotReadable."""
    found = text(parent, path)
    if not found:
        return None
    try:
        return parse_decimal(found, decimals=DIGITS)
    except BadNumber as error:
        raise NotReadable(
            _("%(path)s is no number: “%(text)s”.", path=path, text=found[:40])
        ) from error


def needed_number(parent: _Element, path: str) -> Decimal:
    """Raises NotReadable."""
    found = number(parent, path)
    if found is None:
        raise _missing(path)
    return found


def day(parent: _Element, path: str) -> date | None:
    """Return a date, without the zone that XML Schema allows. Raises NotReadable."""
    found = text(parent, path)
    if not found:
        return None
    try:
        return date.fromisoformat(found[:10])
    except ValueError as error:
        raise NotReadable(
            _("%(path)s is no date: “%(text)s”.", path=path, text=found[:40])
        ) from error


def needed_day(parent: _Element, path: str) -> date:
    """Raises NotReadable."""
    found = day(parent, path)
    if found is None:
        raise _missing(path)
    return found


def identifier(parent: _Element, path: str) -> Identifier | None:
    found = first(parent, path)
    if found is None:
        return None
    return Identifier((found.text or "").strip(), found.get("schemeID", ""))


def span(parent: _Element, path: str) -> Span | None:
    found = first(parent, path)
    if found is None:
        return None
    return Span(day(found, "cbc:StartDate"), day(found, "cbc:EndDate"))


def _missing(path: str) -> NotReadable:
    return NotReadable(_("The file has no %(path)s.", path=path))
