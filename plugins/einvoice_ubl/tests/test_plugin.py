"""The plugin is what it says it is."""

from billhook.sdk.providers import DocumentFormat
from billhook_einvoice_ubl import plugin


def test_it_offers_two_formats_under_its_name():
    formats = [factory(None) for factory in plugin.register_document_formats()]
    assert [each.key for each in formats] == [
        "einvoice_ubl.en16931",
        "einvoice_ubl.peppol_bis3",
    ]
    assert all(isinstance(each, DocumentFormat) for each in formats)
    assert {each.extension for each in formats} == {"xml"}


def test_its_command_is_check():
    assert [command.name for command in plugin.register_commands()] == ["check"]
