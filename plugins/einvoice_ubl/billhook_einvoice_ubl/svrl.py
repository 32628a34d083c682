"""What rules report (Schematron Validation Report Language)."""

import re
from dataclasses import dataclass

from lxml import etree

from billhook.problems import Severity

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_LINE = re.compile(r"(?:InvoiceLine|CreditNoteLine)[^/]*?\[(\d+)\](?:/|$)")


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that a document breaks in one place."""

    rule: str
    severity: Severity
    text: str
    line_no: int | None
    """Which line of the document it is, from 1; None elsewhere."""


def failures(report: bytes) -> list[Failure]:
    """Return what a report holds, in its order."""
    root = etree.fromstring(report, etree.XMLParser(resolve_entities=False, huge_tree=True))
    return [
        _failure(found)
        for found in root.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
    ]


def _failure(found: etree._Element) -> Failure:
    text = " ".join("".join(found.find(f"{_SVRL}text").itertext()).split())
    rule = found.get("id") or text.partition("]")[0].strip("[ ")
    line = _LINE.search(found.get("location", ""))
    return Failure(
        rule=rule,
        severity=Severity.WARNING if _is_warning(found) else Severity.ERROR,
        text=text.removeprefix(f"[{rule}]").lstrip("- "),
        line_no=int(line[1]) if line else None,
    )


def _is_warning(found: etree._Element) -> bool:
    return "warning" in (found.get("flag"), found.get("role"))
