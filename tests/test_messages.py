"""Every text that is marked for translation is found, in Python, templates and JavaScript, and compiled."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.catalog import Catalog

from scripts import messages

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """An empty project; a function that puts a file into it."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(messages, "BORROWED", tmp_path / "locale" / "borrowed.py")

    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    return write


def ids(catalog: Catalog) -> set[object]:
    return {(message.id, message.context) for message in catalog if message.id}


def test_templates(tree):
    tree(
        "templates/cases/a.html",
        """{% load i18n %}
<p title="{% translate 'A title' %}">it's "quoted" (and open</p>
   {% if x == _("In a tag") %}
      {% translate "With context" context "button" as later %}
  {% endif %}{{ value|default:_("In a filter") }}
{% blocktranslate count n=pages|length %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}
{% blocktranslate trimmed with name=x.name %}
   Served by {{ name }}
   today, 100%
{% endblocktranslate %}
{% comment %}{% translate "Not this" %}{% endcomment %}
""",
    )
    assert ids(messages.collect("django")) == {
        ("A title", None),
        ("In a tag", None),
        ("With context", "button"),
        ("In a filter", None),
        (("%(n)s page", "%(n)s pages"), None),
        ("Served by %(name)s today, 100%%", None),
    }


def test_python(tree):
    tree(
        "casebundle/cases/a.py",
        '_("One " "sentence")\nngettext("%d file", "%d files", n)\npgettext("verb", "Serve")\n'
        'npgettext("c", "a", "b", n)\ngettext_lazy("Lazy")\n_(name)\n',
    )
    tree("casebundle/cases/migrations/0001.py", '_("Not this")')
    assert ids(messages.collect("django")) == {
        ("One sentence", None),
        (("%d file", "%d files"), None),
        ("Serve", "verb"),
        (("a", "b"), "c"),
        ("Lazy", None),
    }


def test_javascript(tree):
    tree(
        "static/reader/a.js",
        'import { a } from "./b.js";\nconst x = `${gettext("Go to")} ${ngettext("%s hit", "%s hits", n)}`;\n',
    )
    tree("static/reader/c.js", "say(gettext('Page outline'), /[\"']/.test(y));\n")
    tree("static/build/vendor/z.js", 'gettext("Not this")')
    found = ids(messages.collect("djangojs"))
    assert ("Page outline", None) in found
    assert ("Go to", None) in found, "texts inside template literals are texts too"
    assert (("%s hit", "%s hits"), None) in found
    assert ("Not this", None) not in found


def test_a_translation_outlives_an_update_and_goes_with_its_text(tree):
    tree("casebundle/a.py", '_("Stays")\n_("Goes")\n')
    messages.update()
    path = messages.po_path("cy", "django")
    path.write_text(path.read_text().replace('msgid "Stays"\nmsgstr ""', 'msgid "Stays"\nmsgstr "Aros"'))
    tree("casebundle/a.py", '_("Stays")\n_("Comes")\n')
    messages.update()
    catalog = messages.load("cy", "django")
    assert catalog.get("Stays").string == "Aros"
    assert catalog.get("Goes") is None
    assert not catalog.get("Comes").string
    before = path.read_bytes()
    messages.update()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("welsh", "said"),
    [
        ("", "no Welsh"),
        ("Wedi'i gyflwyno gan %(who)s", "the Welsh has"),
        ("Cyflwynwyd", "the Welsh has"),
        (" Cyflwynwyd gan %(name)s", "begins or ends with space"),
        ("Cyflwynwyd gan %(name)s", None),
    ],
)
def test_what_is_wrong_with_a_translation_is_said(tree, welsh, said):
    tree("casebundle/a.py", '_("Served by %(name)s")\n')
    messages.update()
    path = messages.po_path("cy", "django")
    path.write_text(path.read_text().replace('%(name)s"\nmsgstr ""', f'%(name)s"\nmsgstr "{welsh}"'))
    found = messages.problems("cy", "django")
    assert (found == []) if said is None else (len(found) == 1 and said in found[0]), found


def test_compiled_welsh_is_what_django_reads(tree, tmp_path):
    import gettext as standard

    tree("casebundle/a.py", '_("Sign in")\nngettext("%d page", "%d pages", n)\n')
    messages.update()
    path = messages.po_path("cy", "django")
    text = path.read_text().replace('msgid "Sign in"\nmsgstr ""', 'msgid "Sign in"\nmsgstr "Mewngofnodi"')
    for form, welsh in enumerate(["%d tudalen", "%d dudalen", "%d dudalen", "%d tudalen", "%d tudalen"]):
        text = text.replace(f'msgstr[{form}] ""', f'msgstr[{form}] "{welsh}"')
    path.write_text(text)
    messages.compile_all()
    with path.with_suffix(".mo").open("rb") as file:
        catalog = standard.GNUTranslations(file)
    assert catalog.gettext("Sign in") == "Mewngofnodi"
    assert catalog.ngettext("%d page", "%d pages", 2) == "%d dudalen"
    assert catalog.ngettext("%d page", "%d pages", 171) == "%d tudalen"


def test_what_is_borrowed_is_still_theirs():
    """Word for word in Django's or allauth's own source, or the Welsh would never be found."""
    source = ""
    for package in (django, allauth):
        for part in ("account", "contrib/auth", "forms", "core", "db/models"):
            for path in sorted((Path(package.__file__).parent / part).rglob("*.py")):
                source += path.read_text(encoding="utf-8")
    # Long texts are written in pieces there.
    joined = re.sub(r"[\"']\s*\n\s*[\"']", "", source).replace("\\'", "'")
    with (ROOT / "locale" / "borrowed.py").open("rb") as file:
        borrowed = [message for _l, message, _c, _x in messages.extract("python", file, messages.KEYWORDS)]
    assert borrowed
    texts = [text for message in borrowed for text in ([message] if isinstance(message, str) else message)]
    assert [text for text in texts if text not in joined] == []
