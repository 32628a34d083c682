"""Schematron rules, as OpenPeppol publishes them, turned into a stylesheet that can be run.

Only what such rules use of ISO Schematron: namespaces, `let`, functions of XSLT,
patterns, rules with asserts and reports. Anything else is refused by name, rather
than left out of a check. Within a pattern, the first rule that fits a node wins.
"""

from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from lxml import etree
from lxml.etree import _Element

from billhook_einvoice_ubl.texts import gettext as _

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_XS = "http://www.w3.org/2001/XMLSchema"
_PROSE = frozenset({f"{_SCH}title", f"{_SCH}p"})


class SchematronRefused(ValueError):
    """A file of rules says something that would not be checked; the text names it."""


def stylesheet(path: Path) -> Path:
    """Return a stylesheet for a file of rules: itself, or what its Schematron compiles to.

    Raises SchematronRefused.
    """
    return path if path.suffix != ".sch" else Path(_compiled(path).name)


@lru_cache(maxsize=8)
def _compiled(path: Path) -> IO[bytes]:
    """Return a file that lasts as long as this process."""
    content = compiled(path.read_bytes())
    file = NamedTemporaryFile(prefix="billhook-rules-", suffix=".xslt")  # noqa: SIM115
    file.write(content)
    file.flush()
    return file


def compiled(source: bytes) -> bytes:
    """Return the XSLT of a schema in Schematron. Raises SchematronRefused."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    schema = etree.fromstring(source, parser)
    root = _stylesheet_of(schema)
    patterns = []
    for child in schema:
        if child.tag == f"{_SCH}pattern":
            patterns.append(child)
        elif child.tag == f"{_SCH}let":
            _add_variable(root, child)
        elif child.tag == f"{_XSL}function":
            root.append(child)
        elif child.tag != f"{_SCH}ns" and child.tag not in _PROSE:
            raise _refused(child)
    _add_start(root, len(patterns))
    for place, pattern in enumerate(patterns):
        _add_pattern(root, pattern, f"p{place}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _stylesheet_of(schema: _Element) -> _Element:
    named = {ns.get("prefix"): ns.get("uri") for ns in schema.iterfind(f"{_SCH}ns")}
    inherited = {prefix: uri for prefix, uri in schema.nsmap.items() if prefix}
    prefixes = {**inherited, **named, "xs": _XS, "xsl": _XSL[1:-1], "svrl": _SVRL[1:-1]}
    root = etree.Element(f"{_XSL}stylesheet", nsmap=prefixes, version="3.0")
    etree.SubElement(root, f"{_XSL}output", method="xml", encoding="UTF-8")
    return root


def _add_start(root: _Element, patterns: int) -> None:
    """Have every pattern look at the whole document."""
    template = etree.SubElement(root, f"{_XSL}template", match="/")
    report = etree.SubElement(template, f"{_SVRL}schematron-output")
    for place in range(patterns):
        etree.SubElement(report, f"{_XSL}apply-templates", select=".", mode=f"p{place}")


def _add_pattern(root: _Element, pattern: _Element, mode: str) -> None:
    walk = etree.SubElement(
        root, f"{_XSL}template", match="/ | @* | node()", mode=mode, priority="-1"
    )
    _go_on(walk, mode)
    rules = []
    for child in pattern:
        if child.tag == f"{_SCH}rule":
            rules.append(child)
        elif child.tag == f"{_SCH}let":
            _add_variable(root, child)
        elif child.tag not in _PROSE:
            raise _refused(child)
    for place, rule in enumerate(rules):
        _add_rule(root, rule, mode, priority=len(rules) - place)


def _add_rule(root: _Element, rule: _Element, mode: str, *, priority: int) -> None:
    if rule.get("abstract") == "true" or not rule.get("context"):
        raise _refused(rule)
    template = etree.SubElement(
        root, f"{_XSL}template", match=rule.get("context"), mode=mode, priority=str(priority)
    )
    for child in rule:
        if child.tag == f"{_SCH}let":
            _add_variable(template, child)
        elif child.tag in (f"{_SCH}assert", f"{_SCH}report"):
            _add_check(template, child)
        elif child.tag not in _PROSE:
            raise _refused(child)
    _go_on(template, mode)


def _add_check(template: _Element, check: _Element) -> None:
    is_assert = check.tag == f"{_SCH}assert"
    test = check.get("test", "")
    condition = etree.SubElement(template, f"{_XSL}if", test=f"not({test})" if is_assert else test)
    name = "failed-assert" if is_assert else "successful-report"
    found = etree.SubElement(condition, f"{_SVRL}{name}", location="{path(.)}")
    for attribute in ("id", "flag", "role"):
        if value := check.get(attribute):
            found.set(attribute, value)
    text = etree.SubElement(found, f"{_SVRL}text")
    _add_text(text, check.text)
    for part in check:
        if part.tag != f"{_SCH}value-of":
            raise _refused(part)
        etree.SubElement(text, f"{_XSL}value-of", select=part.get("select", ""))
        _add_text(text, part.tail)


def _add_text(parent: _Element, text: str | None) -> None:
    if text:
        etree.SubElement(parent, f"{_XSL}text").text = text


def _add_variable(parent: _Element, let: _Element) -> None:
    if let.get("value") is None:
        raise _refused(let)
    etree.SubElement(parent, f"{_XSL}variable", name=let.get("name"), select=let.get("value"))


def _go_on(template: _Element, mode: str) -> None:
    etree.SubElement(template, f"{_XSL}apply-templates", select="@* | node()", mode=mode)


def _refused(element: _Element) -> SchematronRefused:
    name = etree.QName(element).localname
    return SchematronRefused(
        _(
            "Line %(line)s of the rules has a “%(name)s” of a kind that Billhook does not run."
            " Compile the rules into XSLT, and put that into the folder.",
            line=element.sourceline,
            name=name,
        )
    )
