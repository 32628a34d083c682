"""Bytes from elsewhere become a tree of UBL, or are refused.

A file is read without network, and refused where it has a DOCTYPE: then it could
name entities, and nothing in an e-invoice needs one. The prologue is looked at by
a parser that stops at the first element, before any other reads the file.
"""

from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element

from billhook_einvoice_ubl import namespaces
from billhook_einvoice_ubl.texts import gettext as _

LARGEST = 64 * 1024 * 1024

_ROOTS = frozenset({f"{{{namespaces.INVOICE}}}Invoice", f"{{{namespaces.CREDIT_NOTE}}}CreditNote"})


class NotReadable(ValueError):
    """The file is no UBL, or none that may be read; the text says why, for people."""


class _Seen(Exception):
    """The first element was reached."""


def parse(content: bytes) -> _Element:
    """Return the root of an Invoice or CreditNote. Raises NotReadable."""
    if len(content) > LARGEST:
        raise NotReadable(_("The file is larger than %(most)s MB.", most=LARGEST // 1024 // 1024))
    _refuse_doctype(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotReadable(_("The file is no XML: %(reason)s", reason=error.msg)) from error
    if root.tag not in _ROOTS:
        raise NotReadable(
            _("The file is XML, but neither an Invoice nor a CreditNote of UBL 2.1.")
        )
    return root


def _refuse_doctype(content: bytes) -> None:
    prologue = expat.ParserCreate()
    prologue.StartDoctypeDeclHandler = _refuse
    prologue.StartElementHandler = _stop
    try:
        prologue.Parse(content, True)
    except _Seen:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(_("The file is no XML: %(reason)s", reason=error)) from error


def _refuse(*_declaration: object) -> None:
    raise NotReadable(_("The file has a DOCTYPE, which no e-invoice needs. It was not read."))


def _stop(*_element: object) -> None:
    raise _Seen
