"""Forms, parts and pages in GOV.UK markup, in both languages, within the content security policy."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.template import Context, Template, TemplateSyntaxError, engines
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from casebundle.cases.fields import DayField, MomentField

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for ending in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{ending}"))


def names() -> list[str]:
    return [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]


# --- every template of every room


@pytest.mark.parametrize("name", names())
def test_it_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", names())
def test_it_keeps_the_content_security_policy(name):
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text), (
        "a script in the page"
    )
    assert not re.search(r"<style\b|\sstyle=", text), "a style in the page"
    assert not re.search(r"\son[a-z]+=[\"']", text), "a handler in an attribute"
    assert not re.search(r"(?:src|action)=[\"'](?:https?:)?//", text), "something from another host"


@pytest.mark.parametrize("name", names())
def test_every_static_file_it_names_is_there(name):
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    missing = [
        path for path in re.findall(r"{% static ['\"]([^'\"]+)['\"]", text) if finders.find(path) is None
    ]
    assert missing == []


# --- forms


class Serve(forms.Form):
    title = forms.CharField(label="Title", help_text="As in the index.")
    date = DayField(label="Date", required=False)
    section = forms.ChoiceField(label="Section", choices=[("A", "A"), ("B", "B")], widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="Kind", choices=[("x", "X")])
    who = forms.MultipleChoiceField(
        label="Who", choices=[("b", "Bates"), ("d", "Doyle")], widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(label="I am sure")
    note = forms.CharField(label="Note", widget=forms.Textarea({"rows": 3, "placeholder": "x"}), max_length=5)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    case = forms.CharField(widget=forms.HiddenInput)


def test_a_form_with_errors_says_which_and_links_to_each():
    html = str(Serve({"note": "much too long", "case": "1"}))
    for said in (
        "Fill in “Title”.",
        "Choose “Section”.",
        "Choose “Kind”.",
        "Choose “Who”.",
        "Choose “I am sure”.",
    ):
        # In the summary and at the field.
        assert html.count(said) == 2, said
    assert "This field is required" not in html
    assert html.count("Ensure this value has at most 5 characters") == 2
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    assert len(ids) == len(re.findall(r'\bid="([^"]+)"', html)), "an id twice"
    links = re.findall(r'<li><a href="#([^"]+)"', html)
    assert len(links) == 7
    assert set(links) <= ids
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= ids, described
    assert set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html)) <= ids
    assert 'class="govuk-input govuk-input--error"' in html


def test_a_form_without_errors_is_govuk_markup():
    html = str(Serve())
    assert "error" not in html.replace("govuk-error", "error") or "govuk-error-summary" not in html
    assert 'class="govuk-radios__input"' in html
    assert 'class="govuk-checkboxes__input"' in html
    assert 'class="govuk-select"' in html
    assert 'data-module="govuk-password-input"' in html
    assert "Date (optional)" in html
    assert html.count("(optional)") == 1
    assert "placeholder" not in html
    assert not re.search(r"<(input|select|textarea)[^>]* required", html)


def test_a_form_may_leave_optional_unsaid():
    class Filter(forms.Form):
        mark_optional = False
        word = forms.CharField(label="Word", required=False)

    assert "(optional)" not in str(Filter())


def test_a_date_is_typed_and_shown_as_people_write_it():
    class Day(forms.Form):
        day = DayField(initial=datetime.date(2026, 11, 14), required=False)

    for language in ("en-gb", "cy"):
        with translation.override(language):
            assert 'type="text" name="day" value="14/11/2026"' in str(Day())
            for typed in ("3/9/2026", "3 September 2026", "3 Medi 2026", "2026-09-03"):
                form = Day({"day": typed})
                assert form.is_valid(), typed
                assert form.cleaned_data["day"] == datetime.date(2026, 9, 3)
            assert Day({"day": ""}).is_valid()
            # What cannot be a date is kept as it was typed, and what to type is said.
            assert 'value="9/30/2026"' in str(Day({"day": "9/30/2026"}))
            assert Day({"day": "9/30/2026"}).errors


@pytest.mark.parametrize(
    "typed",
    [
        "14 March 2026, 10:30",
        "14 March 2026 at 10.30",
        "14/3/2026 10:30",
        "14.3.2026 10.30am",
        "14 Mawrth 2026, 10:30",
        "2026-03-14T10:30",
        "14/3/2026 10:30 yb",
    ],
)
def test_a_time_is_typed_as_people_write_it(typed):
    field = MomentField(required=False)
    assert timezone.localtime(field.clean(typed)).strftime("%Y-%m-%d %H:%M") == "2026-03-14 10:30"


@pytest.mark.parametrize(
    "typed", ["tomorrow", "14/3/2026", "14/3/2026 25:00", "14/3/2026 13pm", "10:30", "31/2/2026 10:30"]
)
def test_a_time_that_is_none_is_refused(typed):
    with pytest.raises(ValidationError, match="Enter a date and time, like 14 March 2026, 10:30"):
        MomentField(required=False).clean(typed)


def test_a_choice_of_many_is_drawn_as_checkboxes():
    """To Django a list of checkboxes is one of radio buttons too: drawn as these, a tick would not show."""

    class Who(forms.Form):
        who = forms.MultipleChoiceField(
            choices=[("b", "Bates"), ("d", "Doyle")], widget=forms.CheckboxSelectMultiple, initial=["d"]
        )

    html = str(Who())
    assert html.count("govuk-checkboxes__input") == 2
    assert "govuk-radios" not in html
    assert Who()["who"].kind == "checkboxes"


# --- parts


def render(source: str, **context: object) -> str:
    context.setdefault("request", RequestFactory().get("/accounts/login/"))
    return Template("{% load ui %}" + source).render(Context(context))


def test_tag_escapes_and_knows_its_colours():
    assert (
        render("{% tag text 'green' %}", text="<b>")
        == '<strong class="govuk-tag govuk-tag--green">&lt;b&gt;</strong>'
    )
    with pytest.raises(TemplateSyntaxError, match="colour"):
        render("{% tag 'x' 'mauve' %}")


def test_language_tag():
    assert render("{{ a|language_tag }} {{ b|language_tag }}", a="en-gb", b="cy") == "en-GB cy"


def test_navigation_marks_where_one_is():
    assert 'aria-current="page"' in render("{% nav_item 'account_login' 'Sign in' %}")
    assert "aria-current" not in render("{% nav_item 'account_logout' 'Sign out' %}")
    assert render("{% nav_item 'no-such-page' 'Nothing' %}").strip() == ""


def test_pagination_has_only_what_there_is():
    assert render("{% pagination '' '' %}").strip() == ""
    html = render("{% pagination next='?after=5' %}")
    assert 'rel="next"' in html
    assert 'rel="prev"' not in html


def test_table_box_scrolls_with_the_keyboard_and_has_a_name():
    html = render("{% table_box 'Documents' %}<table></table>{% end_table_box %}")
    assert (
        html
        == '<div class="cb-table-box" role="region" aria-label="Documents" tabindex="0"><table></table></div>'
    )


def test_button_form_posts_its_fields_with_the_token():
    html = render("{% button_form '/x/' 'Withdraw' kind='warning' confirm='Withdraw B12?' page=7 %}")
    assert 'method="post" action="/x/"' in html
    assert 'data-confirm="Withdraw B12?"' in html
    assert 'name="page" value="7"' in html
    assert "csrfmiddlewaretoken" in html
    assert "govuk-button--warning" in html


# --- pages


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "tag"), [("en-gb", "en-GB"), ("cy", "cy")])
def test_a_page_says_its_language_and_offers_the_other(language, tag):
    client = Client()
    client.cookies["django_language"] = language
    html = client.get("/accounts/login/?next=/cases/").content.decode()
    assert f'<html lang="{tag}"' in html
    other, spoken = ("cy", "cy") if language == "en-gb" else ("en-gb", "en")
    assert re.search(f'<button [^>]*name="language" value="{other}" lang="{spoken}"', html)
    answer = client.post("/i18n/setlang/", {"language": other, "next": "/accounts/login/?next=/cases/"})
    assert answer.headers["Location"] == "/accounts/login/?next=/cases/"
    assert answer.cookies["django_language"].value == other


@pytest.mark.django_db
def test_nobody_signs_up():
    html = Client().get("/accounts/signup/").content.decode()
    assert "Accounts are by invitation" in html
    assert '<input type="password"' not in html


@pytest.mark.django_db
def test_not_found_says_what_to_do_and_not_what_is_there():
    answer = Client().get("/no/such/page/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_the_fault_page_needs_nothing():
    html = engines["django"].get_template("500.html").render()
    # It and what it stands on ask for nothing: no catalogue, no manifest, no session.
    used = {
        tag
        for name in ("500.html", "errors/plain.html")
        for tag in re.findall(r"{%\s*(\w+)", (ROOT / "templates" / name).read_text())
    }
    assert used <= {"extends", "block", "endblock", "comment", "endcomment", "if", "endif"}
    assert "Something went wrong" in html
    assert 'lang="cy"' in html
