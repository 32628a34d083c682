"""Two people edited one draft: what stands there now beside what was typed, and a choice."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from billhook.services.draft_editing.inputs import AdjustmentInput, DraftInput, LineInput


class Part(StrEnum):
    """What can be taken from either side as a whole."""

    CUSTOMER = "customer"
    CURRENCY = "currency"
    LINES = "lines"
    ADJUSTMENTS = "adjustments"
    NOTE = "note"
    TERMS = "terms"
    PURCHASE_ORDER = "purchase_order"
    BUYER_REFERENCE = "buyer_reference"
    PAYMENT_DAYS = "payment_days"
    ISSUE_ON = "issue_on"
    LANGUAGE = "language"
    BRAND = "brand"
    DELIVERY_COUNTRY = "delivery_country"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A part that is not the same; the texts say what each side has, a line per entry."""

    part: Part
    theirs: tuple[str, ...]
    yours: tuple[str, ...]


def differences(theirs: DraftInput, yours: DraftInput) -> list[Difference]:
    """Return where what is stored and what was typed are not the same."""
    pairs = ((part, _shown(part, theirs), _shown(part, yours)) for part in Part)
    return [
        Difference(part=part, theirs=ours, yours=typed)
        for part, ours, typed in pairs
        if ours != typed
    ]


def merged(theirs: DraftInput, yours: DraftInput, taken: Collection[Part]) -> DraftInput:
    """Return what was typed, with the parts that are taken from what is stored."""
    changes = {part.value: getattr(theirs, part.value) for part in taken}
    return replace(yours, **changes)


def _shown(part: Part, given: DraftInput) -> tuple[str, ...]:
    value = getattr(given, part.value)
    match part:
        case Part.LINES:
            return tuple(_line(line) for line in value if not line.is_blank)
        case Part.ADJUSTMENTS:
            return tuple(_adjustment(one) for one in value if one.value.strip())
        case Part.FIELDS:
            return tuple(f"{key}: {text}" for key, text in sorted(value.items()) if text)
    text = value.strip().replace("\r\n", "\n")
    return tuple(text.split("\n")) if text else ()


def _line(line: LineInput) -> str:
    """Write a line with all that differs from an empty one, so that no difference is hidden."""
    said = [
        f"{line.quantity.strip()} × {line.unit_price.strip() or '–'}",
        line.sku.strip(),
        " ".join(line.description.split()),
    ]
    rest = [
        getattr(line, one.name).strip()
        for one in fields(line)
        if one.name
        in ("section", "unit", "base_quantity", "tax_category", "supply", "supplied_on",
            "period_from", "period_until")
    ]  # fmt: skip
    own = [f"{key}: {text}" for key, text in sorted(line.fields.items()) if text]
    discounts = [_adjustment(one) for one in line.adjustments if one.value.strip()]
    return " · ".join(part for part in (*said, *discounts, *rest, *own) if part)


def _adjustment(one: AdjustmentInput) -> str:
    sign = "−" if one.kind.startswith("discount") else "+"
    percent = " %" if one.kind.endswith("percent") else ""
    return f"{sign}{one.value.strip()}{percent} {one.reason.strip()}".strip()
