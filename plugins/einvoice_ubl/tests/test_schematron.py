"""Rules in Schematron become a stylesheet that finds what they say."""

import pytest

from billhook.problems import Severity
from billhook_einvoice_ubl.process import transform
from billhook_einvoice_ubl.schematron import SchematronRefused, compiled
from billhook_einvoice_ubl.svrl import Failure, failures

SCHEMA = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" xmlns:u="utils" queryBinding="xslt2">
  <title>Rules</title>
  <ns prefix="s" uri="urn:shop"/>
  <let name="currency" value="/s:Invoice/@currency"/>
  <function xmlns="http://www.w3.org/1999/XSL/Transform" name="u:near" as="xs:boolean">
    <param name="one" as="xs:decimal"/><param name="other" as="xs:decimal"/>
    <sequence select="abs($one - $other) le 0.02"/>
  </function>
  <pattern>
    <rule context="//*[not(*) and not(normalize-space())]">
      <assert id="R1" test="false()" flag="fatal">Empty.</assert>
    </rule>
  </pattern>
  <pattern>
    <let name="currencies" value="tokenize('EUR USD', '\\s')"/>
    <rule context="s:InvoiceLine[s:Kind = 'gift']">
      <assert id="R2" test="s:Net = 0" flag="warning">A gift costs nothing.</assert>
    </rule>
    <rule context="s:InvoiceLine">
      <let name="product" value="xs:decimal(s:Price) * xs:decimal(s:Quantity)"/>
      <assert id="R3" test="u:near($product, s:Net)" flag="fatal"
        >Net is <value-of select="$product"/> in <value-of select="$currency"/>.</assert>
      <report id="R4" test="s:Price &lt; 0" flag="fatal">A price is negative.</report>
    </rule>
    <rule context="s:Invoice">
      <assert id="R5" test="$currency = $currencies" flag="fatal">Unknown currency.</assert>
    </rule>
  </pattern>
</schema>"""


@pytest.fixture
def run(tmp_path):
    """Compile the rules, run them on a document and return what they find."""

    def run(document, schema=SCHEMA):
        path = tmp_path / "rules.xslt"
        path.write_bytes(compiled(schema.encode()))
        return failures(transform(path, document.encode()))

    return run


def lines(*contents, currency="EUR"):
    inner = "".join(f"<InvoiceLine>{content}</InvoiceLine>" for content in contents)
    return f'<Invoice xmlns="urn:shop" currency="{currency}">{inner}</Invoice>'


GOOD = "<Price>1.5</Price><Quantity>2</Quantity><Net>3</Net>"


def test_what_is_right_breaks_no_rule(run):
    assert run(lines(GOOD, GOOD)) == []


def test_a_broken_rule_is_found_at_its_line_with_its_values(run):
    wrong = "<Price>1.5</Price><Quantity>2</Quantity><Net>4</Net>"
    assert run(lines(GOOD, wrong)) == [Failure("R3", Severity.ERROR, "Net is 3 in EUR.", 2)]


def test_the_first_rule_of_a_pattern_that_fits_wins(run):
    gift = "<Kind>gift</Kind><Price>1</Price><Quantity>1</Quantity><Net>5</Net>"
    assert run(lines(gift)) == [Failure("R2", Severity.WARNING, "A gift costs nothing.", 1)]


def test_every_pattern_looks_at_every_node(run):
    empty = "<Kind/>" + GOOD
    assert [one.rule for one in run(lines(empty, currency="XXX"))] == ["R1", "R5"]


def test_a_report_is_found_where_its_test_holds(run):
    negative = "<Price>-1</Price><Quantity>1</Quantity><Net>-1</Net>"
    assert [one.rule for one in run(lines(negative))] == ["R4"]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("<title>Rules</title>", '<include href="x.sch"/>', "include"),
        ("<title>Rules</title>", "<phase id='p'/>", "phase"),
        ('<rule context="s:Invoice">', '<rule abstract="true" id="a">', "rule"),
        ('<rule context="s:Invoice">', '<rule context="s:Invoice"><extends rule="a"/>', "extends"),
        (
            ".</assert>\n    </rule>\n  </pattern>\n</schema>",
            "<name/>.</assert></rule></pattern></schema>",
            "name",
        ),
        ('value="/s:Invoice/@currency"/>', ">EUR</let>", "let"),
    ],
)
def test_what_would_not_be_checked_is_refused_by_name(before, after, named):
    assert before in SCHEMA
    with pytest.raises(SchematronRefused, match=f"“{named}”"):
        compiled(SCHEMA.replace(before, after).encode())
