"""What clients learn of a document's e-invoices: which there are, what for, and how to know them."""

from collections.abc import Iterator, Sequence

from billhook.sdk.portal import Block, Facts, FileLink, Panel, PortalDocument, PortalFile, Text
from billhook_einvoice_ubl.formats import En16931, PeppolBis3
from billhook_einvoice_ubl.texts import gettext as _

_NAMES = {En16931.key: "EN 16931 (UBL 2.1)", PeppolBis3.key: "Peppol BIS Billing 3.0"}


def panel(document: PortalDocument) -> Sequence[Panel]:
    """Return a panel on the document's e-invoices of these formats; none where there are none."""
    files = [file for file in document.files if file.format in _NAMES]
    if not files:
        return []
    blocks = [block for file in files for block in _of_file(file)]
    return [Panel(title=_("E-invoice"), blocks=(Text(_what_for()), *blocks))]


def _what_for() -> str:
    return _(
        "A file that accounting software reads by itself, with the same figures as the PDF. "
        "Upload it there, and nobody has to type anything."
    )


def _of_file(file: PortalFile) -> Iterator[Block]:
    name = _NAMES[file.format]
    facts = [(_("Format"), name)]
    if file.sha256:
        facts += [(_("File"), file.name), (_("Fingerprint (SHA-256)"), file.sha256)]
    yield Facts(tuple(facts))
    if file.format == PeppolBis3.key:
        yield Text(_("Authorities and many companies take this format over Peppol."), True)
    yield FileLink(label=_("Download %(format)s", format=name), format=file.format)
    if file.sha256:
        yield Text(
            _("The fingerprint shows that a copy is unchanged: it is the same for the same file."),
            True,
        )
