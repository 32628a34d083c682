"""A document for people, as the console shows it: who, what, which taxes, what came after."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from billhook.cli.output import Table
from billhook.domain.tax import ComponentKind
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.services.documents import DocumentView

Content = dict[str, Any]


def page(view: "DocumentView") -> list[Table | str]:
    """Return the parts of a document's page below its headline."""
    content = view.content
    return [
        "",
        _("From: %(party)s", party=_party(view.seller)),
        _("To:   %(party)s", party=_party(view.buyer)),
        *_references(content),
        _lines(content),
        *_adjustments(content),
        _taxes(content),
        _sums(content),
        *_notes(content),
        "",
        _("Shaped by: %(plugins)s", plugins=_plugins(content)),
        _("Sealed as: %(hash)s", hash=view.hash),
        *_happenings(view),
    ]


def _party(party: Content | None) -> str:
    if party is None:
        return _("erased")
    place = f"{party['postal_code']} {party['city']}".strip()
    parts = (party["name"], party["street"], place, party["country"], party["tax_number"])
    return ", ".join(part for part in parts if part)


def _references(content: Content) -> Iterator[str]:
    if content["purchase_order"]:
        yield _("Purchase order: %(text)s", text=content["purchase_order"])
    if content["buyer_reference"]:
        yield _("Buyer reference: %(text)s", text=content["buyer_reference"])
    if content.get("prices_include_tax"):
        yield _("Prices include tax.")
    if content["note"]:
        yield _("Note: %(text)s", text=content["note"])


def _lines(content: Content) -> Table:
    titles = (
        *(">" + _("line"), _("description"), ">" + _("quantity"), _("unit")),
        *(">" + _("unit price"), _("discount"), ">" + _("net"), ">" + _("tax group")),
    )
    return Table(titles, [_line(line) for line in content["lines"]])


def _line(line: Content) -> tuple[object, ...]:
    section = f"{line['section_label']}: " if line.get("section_label") else ""
    base = line.get("base_quantity")
    price = f"{line['unit_price']} / {base}" if base else line["unit_price"]
    adjusted = "; ".join(_adjustment(item) for item in line.get("adjustments", ()))
    return (
        *(line["no"], section + line["description"], line["quantity"], line.get("unit", "")),
        *(price, adjusted, line["net"], int(line["group"]) + 1),
    )


def _adjustment(adjustment: Content) -> str:
    """Return such as “-10 % Loyalty”."""
    sign = "-" if adjustment["kind"] == "allowance" else "+"
    value = f"{adjustment['percent']} %" if "percent" in adjustment else adjustment["amount"]
    return f"{sign}{value} {adjustment['reason']}".strip()


def _adjustments(content: Content) -> list[Table]:
    if not content["adjustments"]:
        return []
    titles = (_("on the whole document"), ">" + _("net"), ">" + _("tax group"))
    rows = [
        (_adjustment(item), item["net"], int(item["group"]) + 1) for item in content["adjustments"]
    ]
    return [Table(titles, rows)]


def _taxes(content: Content) -> Table:
    titles = (
        *(">" + _("tax group"), _("category"), _("tax"), ">" + _("rate"), ">" + _("net")),
        *(">" + _("amount"), _("exemption")),
    )
    return Table(
        titles,
        [
            row
            for number, group in enumerate(content["groups"], 1)
            for row in _components(number, group)
        ],
    )


def _components(number: int, group: Content) -> Iterator[tuple[object, ...]]:
    treatment = group["treatment"]
    for component, tax in zip(treatment["components"], group["taxes"], strict=True):
        name = f"{component['tax']} {component['country']} {component['subdivision']}".strip()
        if component["kind"] == ComponentKind.WITHHOLDING:
            name = _("%(tax)s, kept back at payment", tax=name)
        yield (
            *(number, treatment["category"], name, f"{component['rate']} %", group["net"], tax),
            treatment["exemption_code"],
        )
    if not treatment["components"]:
        empty = ("", "", group["net"], group["tax"])
        yield (number, treatment["category"], *empty, treatment["exemption_code"])


def _sums(content: Content) -> Table:
    names = ["net", "tax", "gross"]
    names += [name for name in ("rounding", "prepaid") if content[name].strip("0.-")]
    titles = [">" + _(name) for name in (*names, "payable")]
    return Table(
        [*titles, _("currency")],
        [[*(content[name] for name in (*names, "payable")), content["currency"]]],
    )


def _notes(content: Content) -> list[str]:
    notes = {group["treatment"]["note"] for group in content["groups"]} - {""}
    return ["", *sorted(notes)] if notes else []


def _plugins(content: Content) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(content["plugins"].items()))


def _happenings(view: "DocumentView") -> list[Table]:
    if not view.happenings:
        return []
    titles = (_("when"), _("what"), _("reason"))
    return [Table(titles, [(one.happened_at, one.kind, one.reason) for one in view.happenings])]
