"""Guesses the title, date and exhibit reference of a document from its file name, first page and metadata.

Guesses are shown to the person who uploads, who may change them: better no guess than a silly one. Names of
files come from strangers, so what is hidden or hostile in them is dropped first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime

LONGEST = 300  # characters of a title
EARLIEST = date(1900, 1, 1)
YEARS_AHEAD = 2  # a later date is a slip of the pen or of the reader
TEXT_READ = 8_000  # characters of the first page that are looked at

# Forms of the Manual of Guidance, which prosecution files are made of, and their like.
FORMS = {
    "MG3": "Report to Crown Prosecutor",
    "MG3A": "Further report to Crown Prosecutor",
    "MG4": "Charge sheet",
    "MG5": "Police report",
    "MG6": "Case file information",
    "MG6C": "Schedule of non-sensitive unused material",
    "MG6D": "Schedule of sensitive unused material",
    "MG6E": "Disclosure officer's report",
    "MG7": "Remand application",
    "MG8": "Breach of bail conditions",
    "MG9": "Witness list",
    "MG10": "Witness non-availability",
    "MG11": "Witness statement",
    "MG12": "Exhibit list",
    "MG15": "Record of interview",
    "MG16": "Bad character evidence",
    "MG18": "Offences taken into consideration",
    "MG19": "Compensation claim",
    "MG21": "Forensic submission",
    "SFR1": "Streamlined forensic report",
    "SFR2": "Streamlined forensic report 2",
}
HEADINGS = [
    "Record of interview",
    "Record of taped interview",
    "Defence statement",
    "Defence case statement",
    "Case summary",
    "Opening note",
    "Indictment",
    "Draft indictment",
    "Charge sheet",
    "Exhibit list",
    "Witness list",
    "Police report",
    "Pre-sentence report",
    "Psychiatric report",
    "Medical report",
    "Streamlined forensic report",
    "Schedule of non-sensitive unused material",
    "Schedule of relevant non-sensitive unused material",
    "Schedule of agreed facts",
    "Agreed facts",
    "Victim personal statement",
    "Sentencing note",
    "Skeleton argument",
    "Bad character application",
    "Transcript of interview",
    "Custody record",
    "Antecedents",
]
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan ionawr ion",
            "february feb chwefror chwe",
            "march mar mawrth maw",
            "april apr ebrill ebr",
            "may mai",
            "june jun mehefin meh",
            "july jul gorffennaf gorff",
            "august aug awst",
            "september sept sep medi",
            "october oct hydref hyd",
            "november nov tachwedd tach",
            "december dec rhagfyr rhag",
        ],
        start=1,
    )
    for name in names.split()
}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"(?P<y1>(?:19|20)\d\d)(?P<s1>[-_./ ]?)(?P<m1>\d\d)(?P=s1)(?P<d1>\d\d)"
    r"|(?P<d2>\d{1,2})(?P<s2>[-_./ ])(?P<m2>\d{1,2})(?P=s2)(?P<y2>(?:19|20)\d\d|\d\d)"
    r"|(?P<d4>\d\d)(?P<m4>\d\d)(?P<y4>(?:19|20)\d\d)"
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th|ain|af|ydd|eg|fed)?[-_. ]{0,2}(?:day of |o )?"
    rf"(?P<m3>{_MONTH})"
    r"[-_., ]{0,2}(?P<y3>(?:19|20)\d\d|\d\d)"
    r")(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(
    r"(?<!\w)(?:dated?(?: of (?:statement|interview|report|hearing))?|statement date|dyddiad)"
    r"[ \t]*(?:this|:|-)?[ \t\n]{0,3}(?:the )?",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]+"
)
_SURROGATES = re.compile("[\ud800-\udfff]+")
_FORM = re.compile(
    r"(?<![A-Za-z0-9])(?P<kind>MG|SFR) ?(?P<number>\d{1,2})(?P<part>[A-E]?)(?![A-Za-z0-9])", re.I
)
_EXHIBIT_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?:exhibit|exh|ex)(?:(?: |\.|_)*(?:ref(?:erence)?|no|number)\b)?[ ._:-]{0,3}"
    r"(?P<who>[A-Z]{1,4})(?: ?[/_-] ?| ?)(?P<number>\d{1,4}[A-Za-z]?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_EXHIBIT_BARE = re.compile(
    r"(?<![A-Za-z0-9])(?P<who>[A-Z]{2,4})[/_-]?(?P<number>\d{1,3}[a-z]?)(?![A-Za-z0-9]|[._/-]\d)"
)
# Letters and a number that are no exhibit: forms, ranks, cameras, scanners, parts of a whole.
_NO_EXHIBIT = frozenset(
    re.findall(
        r"\w+",
        " MG SFR PC PS DC DS DI WPC TDC PCSO CCTV BWV ABE URN ROTI ROVI VOL PAGE PG PT PART NO REV VER"
        " IMG DSC SCAN DOC FILE TAB COPY WS CH SEC CAM FIG APP CJA S R V VRM OIC HHJ T A AM PM UK EU"
        " GB MP MOV PDF COVID",
    )
)
_STATEMENT = re.compile(
    r"(?:witness statement|datganiad tyst)(?:.|\n){0,400}?(?:statement of|datganiad(?: gan)?)[ \t]*:?[ \t\n]*"
    r"(?P<name>[^\n:.]{2,80})",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    r"\s*(?:\b(?:age|aged|date|dob|d\.o\.b|occupation|oed|urn|crime|signature)\b|\(|_{2,}|\.{2,}).*",
    re.IGNORECASE,
)
# Words that scanners, cameras and programs put in names; a name of these and numbers alone says nothing.
_MEANINGLESS = frozenset(
    re.findall(
        r"\w+",
        " scan scanned img image doc document file untitled upload print printout pdf page dsc fax"
        " adobe letter unknown final draft test statement new copy of microsoft word camscanner"
        " scanner cam mg",
    )
)
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_RANKS = {"PC", "PS", "DC", "DS", "DI", "DCI", "WPC", "TDC", "PCSO", "QC", "KC", "HHJ"}


@dataclass(frozen=True, slots=True)
class Guess:
    """`title` is never empty and at most 300 characters; `exhibit` is written as "JS/1"."""

    title: str
    date: date | None
    exhibit: str | None


def guess(
    first_page_text: str, filename: str, metadata_title: str | None = None, *, today: date | None = None
) -> Guess:
    """What to call a document. Never raises. Dates are read day first, as British papers write them."""
    today = today or datetime.now(UTC).date()
    text = _SURROGATES.sub("", first_page_text[:TEXT_READ])
    name = stem(filename)
    found_date, rest = _date_in_name(name, today)
    exhibit, rest = _exhibit_in_name(rest)
    exhibit = exhibit or _exhibit_in_text(text)
    form, rest = _form(rest)
    described = _tidy(rest)
    person = _witness(text)
    if form == "MG11" and described and not re.search("statement|datganiad", described, re.I):
        # Only where the rest is somebody's name: "MG11 - SMITH John" but not "MG11 continuation sheet 2".
        whose = person_name(described)
        described = f"Statement of {whose}" if whose else f"Witness statement: {described}"
    if _silly(described):
        described = ""
    title = (
        described
        or (f"Statement of {person}" if person else "")
        or (FORMS.get(form, form) if form else "")
        or _heading(text)
        or _metadata(metadata_title)
        or (f"Exhibit {exhibit}" if exhibit else "")
        or _tidy(name)
        or "Untitled document"
    )
    return Guess(_cut(title), found_date or _date_in_text(text, today), exhibit)


def stem(filename: str) -> str:
    """The bare name: no folders, no ending, nothing hidden, at most 300 characters."""
    name = _HIDDEN.sub("", _SURROGATES.sub("", filename[-4096:]))
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = re.sub(r"(?:\.(?:pdf|docx?|rtf|odt|msg|eml|txt|jpe?g|png|tiff?|heic|p7m))+$", "", name, flags=re.I)
    return name[:LONGEST].strip(" .")


def british_date(match: re.Match[str], today: date) -> date | None:
    """The date a match of the date pattern stands for; None where no such day is, or none plausible."""
    parts = match.groupdict()
    which = next(n for n in "1234" if parts[f"y{n}"])
    month = MONTHS[parts["m3"].lower()] if which == "3" else int(parts[f"m{which}"])
    year = int(parts[f"y{which}"])
    if year < 100:
        year += 2000 if 2000 + year <= today.year + YEARS_AHEAD else 1900
    try:
        found = date(year, month, int(parts[f"d{which}"]))
    except ValueError:
        return None
    if found < EARLIEST or (found - today).days > YEARS_AHEAD * 366:
        return None
    return found


def _date_in_name(name: str, today: date) -> tuple[date | None, str]:
    for match in _DATE.finditer(name.replace("_", " ")):
        before = name[: match.start()].lower().rstrip(" _-.:")
        if before.endswith(("dob", "born", "d.o.b", "date of birth")):
            continue
        if found := british_date(match, today):
            return found, name[: match.start()] + " - " + name[match.end() :]
    return None, name


def _date_in_text(text: str, today: date) -> date | None:
    """Only a date that says it is one: a page is full of others (birth, offence, print)."""
    for label in _DATE_LABEL.finditer(text):
        if (match := _DATE.match(text, label.end())) and (found := british_date(match, today)):
            return found
    return None


def _exhibit(match: re.Match[str]) -> str:
    return f"{match['who'].upper()}/{match['number'].lstrip('0').upper() or '0'}"


def _exhibit_in_name(name: str) -> tuple[str | None, str]:
    match = _EXHIBIT_NAMED.search(name)
    if not match:
        match = next((m for m in _EXHIBIT_BARE.finditer(name) if m["who"] not in _NO_EXHIBIT), None)
    if not match or match["who"].upper() in {"MG", "SFR"}:
        return None, name
    return _exhibit(match), name[: match.start()] + " - " + name[match.end() :]


def _exhibit_in_text(text: str) -> str | None:
    """From a label that begins a line near the top: a statement mentions other exhibits in passing."""
    for line in text.split("\n")[:12]:
        if (match := _EXHIBIT_NAMED.match(line.strip())) and len(line) < 60:
            return _exhibit(match)
    return None


def _form(name: str) -> tuple[str | None, str]:
    match = _FORM.search(name.replace("_", " "))
    if not match:
        return None, name
    code = f"{match['kind']}{int(match['number'])}{match['part']}".upper()
    if code not in FORMS and not code.startswith("MG"):
        return None, name
    return code, name[: match.start()] + " - " + name[match.end() :]


def _tidy(name: str) -> str:
    """Underscores as spaces, no separators left dangling where a date or a code was taken out."""
    name = re.sub(r"[\s_]+", " ", name)
    name = re.sub(r"[(\[]\s*-?\s*[)\]]", " ", name)
    name = re.sub(r"(?:\s+[-–—.,;:]+)+(?=\s|$)", " -", name)
    name = re.sub(r"\s+", " ", name).strip(" -–—.,;:/")
    return name[:1].upper() + name[1:]


def _silly(title: str) -> bool:
    tokens = [t for t in re.split(r"[\s_.()-]+", title.lower()) if t]
    named = [
        t
        for t in tokens
        if t.rstrip("0123456789") not in _MEANINGLESS
        and not (re.search(r"\d", t) and re.fullmatch("[0-9a-f]+", t))
    ]
    return not any(re.search(r"[^\W\d_]{2}", t) for t in named)


def _cut(title: str) -> str:
    if len(title) <= LONGEST:
        return title
    return title[: LONGEST - 1].rstrip() + "…"


def _capitals(word: str) -> str:
    if word in _RANKS or not word.isupper() or len(word) < 2:
        return word
    word = "-".join(part.capitalize() for part in word.split("-"))
    word = re.sub(r"(?<=['’])[a-z](?=[a-z])", lambda m: m[0].upper(), word)
    return re.sub(r"^Mc([a-z])", lambda m: "Mc" + m[1].upper(), word)


def person_name(words: str) -> str | None:
    """A person's name as one says it ("SMITH John" -> "John Smith"); None where it does not look like one."""
    family_first = re.fullmatch(r"\s*([^,]+),\s*([^,]+)", words)
    if family_first:
        words = f"{family_first[2]} {family_first[1]}"
    parts = words.split()
    letters = [p for p in parts if not p.isdigit()]
    if not 1 < len(parts) < 6 or not all(
        re.fullmatch(r"[^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*\.?", p) for p in letters
    ):
        return None
    if not all(p[0].isupper() for p in letters):
        return None
    if (
        not family_first
        and len(letters) == len(parts)
        and parts[0].isupper()
        and parts[0] not in _RANKS
        and len(parts[0]) > 1
        and not any(p.isupper() and len(p.strip(".")) > 1 for p in parts[1:])
    ):
        parts = [*parts[1:], parts[0]]
    return " ".join(_capitals(p) for p in parts)


def _witness(text: str) -> str | None:
    match = _STATEMENT.search(text)
    if not match:
        return None
    return person_name(_AFTER_NAME.sub("", match["name"]).strip(" .,_"))


def _heading(text: str) -> str:
    for line in text.split("\n")[:25]:
        bare = re.sub(r"[^a-z -]", "", line.lower()).strip(" -")
        for heading in HEADINGS:
            if bare == heading.lower() or (line.isupper() and bare.startswith(heading.lower() + " ")):
                return heading
        if re.fullmatch("witness statement|datganiad tyst", bare):
            return "Witness statement"
    return ""


def _metadata(title: str | None) -> str:
    if not title:
        return ""
    bare = stem(re.sub(r"^Microsoft (?:Word|Excel|PowerPoint) - ", "", title[:1000]))
    bare = _tidy(bare)
    return "" if _silly(bare) else bare
