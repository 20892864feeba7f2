"""Titles, dates and exhibit references guessed from names and first pages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebundle.pdf.guess import guess, person_name

TODAY = date(2026, 6, 1)
STATEMENT = """WITNESS STATEMENT
(Criminal Procedure Rules, r 16.2; Criminal Justice Act 1967, s.9)
URN 13 XX 1234 26
Statement of: John SMITH
Age if under 18: Over 18  Occupation: Shop worker
Signature: J Smith  Date: 14 March 2026
I was born on 3 June 1984. I produce the film as exhibit JS/1."""
WELSH = "DATGANIAD TYST\nDatganiad gan: Siân LLŴYD\nDyddiad: 14 Mawrth 2026"
MARCH = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("name", "text", "title", "day", "exhibit"),
    [
        ("2026-03-14_MG11_JS1_Statement of John Smith.pdf", "", "Statement of John Smith", MARCH, "JS/1"),
        ("MG11 - SMITH John 14.03.26.pdf", "", "Statement of John Smith", MARCH, None),
        ("Ex JS-1 CCTV stills.pdf", "", "CCTV stills", None, "JS/1"),
        ("exhibit_JS_12 photographs.PDF", "", "Photographs", None, "JS/12"),
        ("Exhibit ref TP-007 phone download.pdf", "", "Phone download", None, "TP/7"),
        ("MG11 PC 4321 BROWN.pdf", "", "Statement of PC 4321 Brown", None, None),
        ("MG6C.pdf", "", "Schedule of non-sensitive unused material", None, None),
        ("MG11.pdf", STATEMENT, "Statement of John Smith", MARCH, None),
        ("scan0001.pdf", STATEMENT, "Statement of John Smith", MARCH, None),
        ("20260314_092311.pdf", WELSH, "Statement of Siân Llŵyd", MARCH, None),
        ("IMG_2031.pdf", "RECORD OF INTERVIEW\nDate of interview: 3rd April 2025", "Record of interview",
         date(2025, 4, 3), None),
        ("scan.pdf", "EXHIBIT JS/4\nPhotograph", "Exhibit JS/4", None, "JS/4"),
        ("3.4.25 Interview of Bates.pdf", "", "Interview of Bates", date(2025, 4, 3), None),
        ("03-04-2025 Interview.pdf", "", "Interview", date(2025, 4, 3), None),
        ("Charge sheet 14th March 2026.pdf", "", "Charge sheet", MARCH, None),
        ("20260314 - CCTV2 log.pdf", "", "CCTV2 log", MARCH, None),
        ("Bates DOB 12.03.1985 custody record.pdf", "", "Bates DOB 12.03.1985 custody record", None, None),
    ],
)  # fmt: skip
def test_what_prosecution_files_are_called(name, text, title, day, exhibit):
    found = guess(text, name, None, today=TODAY)
    assert (found.title, found.date, found.exhibit) == (title, day, exhibit)


@pytest.mark.parametrize(
    "name",
    [
        "12-13-2026 x.pdf",
        "Report 31.02.2026.pdf",
        "Report 1899-12-31.pdf",
        "Plan 2028-07-01.pdf",
        "Plan 1.2.3.pdf",
    ],
)
def test_implausible_dates_are_no_guess(name):
    assert guess("", name, None, today=TODAY).date is None


def test_a_date_two_years_ahead_may_be_a_hearing_and_two_figures_are_of_this_century_or_the_last():
    assert guess("", "Trial 01.05.28.pdf", None, today=TODAY).date == date(2028, 5, 1)
    assert guess("", "Letter 01.05.67.pdf", None, today=TODAY).date == date(1967, 5, 1)


def test_a_date_of_birth_is_not_the_date_of_the_document():
    assert guess("Date of birth: 3 June 1984\nBorn 4/5/1985", "scan.pdf", None, today=TODAY).date is None


def test_an_exhibit_mentioned_in_a_statement_is_not_its_reference():
    assert guess(STATEMENT, "scan.pdf", None, today=TODAY).exhibit is None


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("Microsoft Word - Bad character application.docx", "Bad character application"),
        ("untitled", "Scan0001"),
        ("Microsoft Word - Document1", "Scan0001"),
        (None, "Scan0001"),
    ],
)
def test_metadata_only_where_nothing_better(metadata, title):
    assert guess("", "scan0001.pdf", metadata, today=TODAY).title == title
    assert guess("", "Custody record.pdf", metadata, today=TODAY).title == "Custody record"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd", "Passwd"),
        ("C:\\Users\\x\\Statement of A.pdf", "Statement of A"),
        ("Invoice\u202efdp.exe.pdf", "Invoicefdp.exe"),
        ("Case\x00 \x1b[31mnote\u2066.pdf", "Case [31mnote"),
        ("", "Untitled document"),
        (".pdf", "Untitled document"),
        ("/", "Untitled document"),
        ("\ud800.pdf", "Untitled document"),
    ],
)
def test_hostile_names(name, title):
    assert guess("", name, None, today=TODAY).title == title


def test_long_names_are_cut():
    assert len(guess("", "Statement " * 400 + ".pdf", None).title) <= 300
    assert len(guess("", "x.pdf", "Statement " * 400).title) <= 300


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("SMITH John", "John Smith"),
        ("John SMITH", "John Smith"),
        ("O'NEILL, Mary Jane", "Mary Jane O'Neill"),
        ("MCDONALD Ann-Marie", "Ann-Marie McDonald"),
        ("JOHN SMITH", "John Smith"),
        ("DC Patel", "DC Patel"),
        ("continuation sheet 2", None),
        ("Smith", None),
    ],
)
def test_names_of_people(words, name):
    assert person_name(words) == name


@pytest.mark.parametrize(
    "bad",
    [
        "scan ",
        "a",
        "( )",
        "- ",
        "0",
        "1 ",
        "statement 0a ",
        "WITNESS STATEMENT ",
        "1.1.",
        "JS",
        "Date: ",
        "_-. ",
    ],
)
def test_no_name_or_text_is_too_long_for_it(bad):
    # An expression that goes back over what it has read would not end on these.
    found = guess(bad * 20_000, bad * 2_000, bad * 2_000)
    assert found == guess(bad * 40_000, bad * 2_000, bad * 2_000)


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text(), st.none() | st.text())
def test_any_text_gives_a_title_that_can_be_stored(text, name, metadata):
    found = guess(text, name, metadata)
    found.title.encode()
    assert 0 < len(found.title) <= 300
    assert not any(ord(c) < 32 or c in "\u202e\u2066" for c in found.title)
