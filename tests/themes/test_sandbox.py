"""A theme is handed a document's texts; nothing else can be had from a template."""

import pytest

from billhook.plugins import theme_sandbox
from billhook.plugins.theming import ThemeFailed
from billhook.services.presenting import present
from billhook.services.samples import SAMPLES


@pytest.fixture
def page(install, themes):
    """Return a way to render a sample by a template."""

    def make(template: str, **files: str) -> str:
        install("plain", **{"templates/document.html": template, **files})
        if "plain" in themes.refused:
            raise ThemeFailed("plain", themes.refused["plain"].reason)
        publication = SAMPLES["one-line"]("plain")
        return themes.get("plain").document_html(present(publication), publication.brand, {})

    return make


@pytest.mark.parametrize(
    "template",
    [
        "{{ view.__class__ }}",
        "{{ view|attr('__class__') }}",
        "{{ view['__class__'] }}",
        "{{ view.title.__class__.__mro__ }}",
        "{{ view.title.upper() }}",
        "{{ view.title.format(view) }}",
        "{{ view.fields.__len__() }}",
        "{{ view.fields.count(1) }}",
        "{{ look.colours.items() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ loop }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ range(9) }}",
        "{{ dict(a=1) }}",
        "{{ namespace() }}",
        "{{ ().__class__.__bases__ }}",
        "{% for one in view.fields %}{{ loop.__class__ }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
        "{{ config }}",
        "{{ request }}",
    ],
)
def test_no_expression_leads_out_of_the_values(page, template):
    with pytest.raises(ThemeFailed):
        page(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 100 }}",
        "{{ 'a' ~ 'b' }}",
        "{{ '%99999999d' % 1 }}",
        "{{ 1 + 1 }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'|format(1) }}",
        "{{ view.title|safe }}",
        "{{ view.title|pprint }}",
        "{% autoescape false %}{{ view.title }}{% endautoescape %}",
        "{% set x %}a{% endset %}",
        "{% filter upper %}a{% endfilter %}",
        "{% do 1 %}",
    ],
)
def test_templates_compute_nothing_and_escape_all(page, template):
    with pytest.raises(ThemeFailed):
        page(template)


@pytest.mark.parametrize(
    "name", ["../theme.toml", "/etc/passwd", "../../billhook_theme_plain/theme.toml", "mail"]
)
def test_a_template_includes_only_templates_of_its_own_theme(page, name):
    with pytest.raises(ThemeFailed, match=name):
        page(f'{{% include "{name}" %}}')


def test_a_link_out_of_the_theme_is_refused(install, themes, tmp_path):
    (tmp_path / "secret.html").write_text("secret")
    package = install("plain")
    (package / "templates" / "linked.html").symlink_to(tmp_path / "secret.html")
    assert "linked.html" in themes.refused["plain"].reason


def test_what_a_template_writes_is_bounded(page, monkeypatch):
    monkeypatch.setattr(theme_sandbox, "LARGEST", 2_000)
    with pytest.raises(ThemeFailed, match="It writes more than"):
        page(
            "{% for a in view.fields %}{% for b in view.fields %}"
            + "x" * 99
            + "{% endfor %}{% endfor %}"
        )


def test_a_macro_that_doubles_itself_ends_at_the_bound(page, monkeypatch):
    monkeypatch.setattr(theme_sandbox, "LARGEST", 100_000)
    doubling = "".join(
        f"{{% macro m{n} () %}}{{{{ m{n - 1}() }}}}{{{{ m{n - 1}() }}}}{{% endmacro %}}"
        for n in range(1, 60)
    )
    with pytest.raises(ThemeFailed, match="It writes more than"):
        page("{% macro m0() %}xxxxxxxxxx{% endmacro %}" + doubling + "{{ m59() }}")


@pytest.mark.parametrize(
    "template",
    [
        "{% set a = 'aaaaaaaaaa' %}" + "{% set a = [a, a, a, a, a, a, a, a, a, a]|join %}" * 9,
        "{% set a = ['a'] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        "{% set a = ('a',) %}" + "{% set a = (a, a) %}" * 60 + "{{ a }}",
        "{% set a = {'a': 1} %}" + "{% set a = {'a': a, 'b': a} %}" * 60 + "{{ a }}",
        "{% macro m(a) %}{{ m([a, a]) }}{% endmacro %}{{ m('a') }}",
    ],
)
def test_nothing_grows_without_a_loop(page, template):
    """Each of these few lines would take all memory, or hold the whole process for good."""
    with pytest.raises(ThemeFailed, match=r"list|tuple|dict|join"):
        page(template)


def test_lists_of_constants_are_taken(page):
    shown = "{% if view.language in ('en', 'de') %}{% for a in ['x', 'y'] %}{{ a }}{% endfor %}"
    assert page(shown + "{% endif %}") == "xy"


@pytest.mark.parametrize("again", ["m(a)", "a|upper", "a[1:]", "a|reverse"])
def test_what_is_made_and_not_shown_is_bounded_too(page, monkeypatch, again):
    monkeypatch.setattr(theme_sandbox, "LARGEST_WORK", 1_000_000)
    macro = "{% macro m(a) %}{{ a }}{% endmacro %}"
    kept = "".join(f"{{% set a{n} = {again} %}}" for n in range(600))
    with pytest.raises(ThemeFailed, match="It writes more than"):
        page(macro + "{% set a = m('" + "x" * 2_000 + "') %}" + kept)


def test_an_unknown_name_is_an_error_and_not_nothing(page):
    with pytest.raises(ThemeFailed, match="titel"):
        page("{{ view.titel }}")


def test_texts_of_people_are_escaped(install, themes):
    install("plain", **{"templates/document.html": "{{ view.intro[0]|lines }}{{ view.number }}"})
    from dataclasses import replace

    publication = replace(SAMPLES["one-line"]("plain"), number="<script>alert(1)</script>")
    view = replace(present(publication), intro=("<b>1</b>\n2",))
    html = themes.get("plain").document_html(view, publication.brand, {})
    assert html == ("&lt;b&gt;1&lt;/b&gt;<br/>2&lt;script&gt;alert(1)&lt;/script&gt;")
