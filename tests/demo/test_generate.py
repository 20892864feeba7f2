"""The demo case: what it holds, that it repeats, and that its documents agree with each other."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from casebundle.demo import cast, generate, interviews, statements, story
from casebundle.demo.layout import font_file, register_fonts, wrap
from casebundle.demo.manifest import Manifest

SEED = story.SEED
KEY = story.KEY_EVENTS
HM = {
    story.BATES: "HM-2_CDR_07700900142_Aug-Nov25.pdf",
    story.BURNER: "HM-3_CDR_07700900617.pdf",
    story.DOYLE: "HM-4_CDR_07700900388_Aug-Nov25.pdf",
    story.THIRD: "HM-5_CDR_07700900905.pdf",
}
# pictures take most of the time and are tested by one scan and one album page of the whole case elsewhere
PICTURES = {
    "PW_1 Photo Album.pdf",
    "AH2 CCTV timeline and stills.pdf",
    "LB2 LCC camera log.pdf",
    "SCAN0041.pdf",
    "JC1 red notebook - scan 300dpi.pdf",
    "RAMSDEN original h-written MG11 071125 (scan).pdf",
}

pytestmark = pytest.mark.skipif(not generate.FONTS.is_dir(), reason="the fonts come with 'npm ci'")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Everything but most of the pictures, made once: (folder, manifest)."""
    folder = tmp_path_factory.mktemp("demo")
    only = [s.file for s in cast.all_specs() if s.file not in PICTURES]
    return folder, generate.generate(folder, only=only, workers=1)


@pytest.fixture(scope="module")
def texts(made):
    """Text of a document, its pages joined; read when first asked for."""
    folder, _ = made
    cache: dict[str, str] = {}

    def text(file: str) -> str:
        if file not in cache:
            cache[file] = " ".join(generate.page_texts(folder / file))
        return cache[file]

    return text


def test_size_and_sections():
    specs = [s for s in cast.all_specs() if not s.extra.get("case")]
    assert len(specs) >= 60
    letters = {s.letter for s in cast.SECTIONS}
    assert {s.section for s in specs} == letters, "every section has a document and every document a section"
    assert len({s.file for s in cast.all_specs()}) == len(cast.all_specs())


def test_pages(made):
    _, manifest = made
    assert 1_000 <= manifest.pages <= 1_300
    assert all(d.pages > 0 for d in manifest.documents)
    calls = [d for d in manifest.documents if d.file.startswith("HM")]
    assert 190 <= sum(d.pages for d in calls) <= 230
    assert 80 <= manifest.document(interviews.BATES_FILE).pages <= 100
    assert 38 <= manifest.document(interviews.DOYLE_FILE).pages <= 52


def test_manifest_reads_back_and_tells_the_truth(made):
    folder, manifest = made
    assert Manifest.read(folder / "case.json") == manifest
    raw = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    assert raw["reference"] == "T20267001"
    assert raw["other_case"]["reference"] == "T20267002"
    for row in [*manifest.documents, *manifest.other_case.documents]:
        with pypdfium2.PdfDocument(folder / row.file) as pdf:
            assert len(pdf) == row.pages, row.file
        datetime.fromisoformat(row.date)


def test_audiences_name_parties_that_are_there(made):
    _, manifest = made
    slugs = {p.slug for p in manifest.parties}
    people = {p.email for p in manifest.people}
    for section in manifest.sections:
        assert section.audience == "everybody" or set(section.audience) <= slugs | {"judge"}
    for row in manifest.documents:
        assert row.served_by in slugs
        if row.visible_to is not None:
            assert set(row.visible_to) <= slugs
            assert row.served_by in row.visible_to, row.file
    for note in manifest.highlights:
        assert {note.by, *(r.by for r in note.replies)} <= people
        assert (note.audience == "parties") == bool(note.parties)
    audience = {s.letter: s.audience for s in manifest.sections}
    assert audience["PDB"] == ["bates"]
    assert audience["PDD"] == ["doyle"]
    assert "court" in audience["UND1"]
    assert "court" not in audience["UND2"]
    assert "judge" not in audience["UND2"]
    assert audience["CACD2"] == ["judge"]
    one_defendant = [
        d
        for d in manifest.documents
        if d.visible_to and ("bates" in d.visible_to) != ("doyle" in d.visible_to)
    ]
    assert {d.section for d in one_defendant} >= {"N", "R", "T", "V"}
    assert cast.WEIR not in people
    assert cast.WEIR in {p.email for p in manifest.other_case.people}
    # nobody writes on, or shows, what they may not see
    party = {p.email: p.parties[0] for p in manifest.people}
    for email, file in [(n.by, n.document) for n in manifest.highlights]:
        row = manifest.document(file)
        assert row.visible_to is None or party[email] in row.visible_to, (email, file)


def test_notes_and_turns_are_on_their_pages(made):
    folder, manifest = made
    assert len(manifest.highlights) == len(cast.NOTES)
    assert len(manifest.hearing.turns) == len(cast.TURNS)
    for note in manifest.highlights:
        page = generate.page_texts(folder / note.document)[note.page]
        assert generate.plain(note.quote) in page
    for turn in manifest.hearing.turns:
        assert turn.page < manifest.document(turn.document).pages
    minutes = [t.minutes for t in manifest.hearing.turns]
    assert minutes == sorted(minutes)


def test_words_of_a_note_that_are_nowhere_are_an_error(tmp_path, monkeypatch):
    file = statements.SPECS[0].file
    monkeypatch.setattr(
        cast, "NOTES", [cast.NoteSeed(cast.SHAH, file, "not in the statement", "note", "", "party")]
    )
    with pytest.raises(ValueError, match="is on no page of"):
        generate.generate(tmp_path, only=[file], workers=1)


def test_same_seed_same_bytes(made, tmp_path):
    folder, _ = made
    only = [
        "MG11 HOBBS Leanne 20.11.2025.pdf",
        "HM-3_CDR_07700900617.pdf",
        "NF4_delivery_notes_2023.pdf",
        "MT-1 Cell Site Report Dr Tring 02.02.2026 v2.pdf",
        "NF_1 Stock loss schedule.pdf",
    ]
    generate.generate(tmp_path, only=reversed(only), workers=1)
    for file in only:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes(), file


def test_another_seed_keeps_the_story():
    ordinary = set(story.events(SEED)) ^ set(story.events(7))
    assert ordinary
    for seed in (SEED, 7):
        assert set(KEY.values()) <= set(story.events(seed))
        assert sum(i.value for i in story.stock(seed)) == 486_350


def test_key_calls_are_the_same_everywhere(texts):
    interview = texts(interviews.BATES_FILE)
    schedule = texts("HM1 Schedule of telephone contact v3 FINAL.pdf")
    analyst = texts("MARCHBANK H comms data MG11 16-12-2025.pdf")
    cell_site = texts("MT-1 Cell Site Report Dr Tring 02.02.2026 v2.pdf")
    for name, e in KEY.items():
        clock = f"{e.at:%H:%M:%S}"
        line = f"{clock} {e.kind} {e.a} {e.b} {story.hms(e.seconds) if e.kind == 'Voice' else '-'}"
        for number, cell in ((e.a, e.cell), (e.b, e.cell_b)):
            if number in HM:
                assert f"{e.at:%d/%m/%Y} {line} {cell}" in texts(HM[number]), (name, number)
        assert clock in schedule, name
        assert f"{e.at:%d/%m/%Y} {clock}: {e.kind.lower()} from {e.a} to {e.b}" in analyst, name
        if name not in ("van", "pawn"):
            assert clock in cell_site, name
    for name in ("eve1", "eve2", "near", "eight", "out", "after", "end"):
        assert f"{KEY[name].at:%H:%M:%S}" in interview, name
        assert (
            story.spoken(KEY[name].seconds).capitalize() in interview
            or story.spoken(KEY[name].seconds) in interview
        )
    jury = texts("Jury Bundle DRAFT 4.pdf")
    for name in ("eve1", "near", "eight", "out", "after", "last"):
        assert f"{KEY[name].at:%H:%M:%S}" in jury


def test_rows_quoted_in_interview_are_rows_of_the_schedule(texts):
    rows = story.contacts(SEED)
    quoted = re.findall(
        r"[Rr]ow (\d+)[.,:;] ?(?:(?:[A-Z]\w+ the \w+(?: of \w+)?|at)[,:]? ?(?:at )?)?(\d\d:\d\d:\d\d)",
        texts(interviews.BATES_FILE),
    )
    assert len(quoted) > 8
    for row, clock in quoted:
        assert f"{rows[int(row) - 1].at:%H:%M:%S}" == clock


def test_what_is_said_of_the_call_data_is_so():
    events = story.events(SEED)
    switch = datetime(2025, 10, 1, 16)
    pair = [e for e in events if {e.a, e.b} == {story.BATES, story.DOYLE}]
    assert pair
    assert all(e.at < switch for e in pair), "no contact on their own telephones after 1 October"
    others = {n for e in events if story.BURNER in (e.a, e.b) for n in (e.a, e.b)} - {story.BURNER}
    assert others == {story.DOYLE, story.THIRD, story.HOBBS, story.VANHIRE}
    quiet = [
        e
        for e in story.of(story.BATES, SEED)
        if datetime(2025, 11, 6, 23, 40, 2) < e.at < datetime(2025, 11, 7, 7, 12, 48)
    ]
    assert quiet == []
    # the only night without data
    data = Counter(
        (e.at - timedelta(hours=6)).date()
        for e in story.of(story.BATES, SEED)
        if e.kind == "Data" and e.at.hour < 6
    )
    day, silent = datetime(2025, 8, 4).date(), []
    while day < datetime(2025, 11, 16).date():
        if not data[day]:
            silent.append(day)
        day += timedelta(days=1)
    assert [d for d in silent if d > datetime(2025, 8, 4).date()] == [datetime(2025, 11, 6).date()]
    moved = [
        e
        for e in story.of(story.BATES, SEED)
        if e.at.date() == datetime(2025, 11, 10).date() and "GWY" in e.cell + e.cell_b
    ]
    assert KEY["pawn"] in moved


def test_every_exhibit_and_row_referred_to_exists(texts):
    unknown: dict[str, set[str]] = {}
    pattern = re.compile(r"\b(" + "|".join(sorted({r.split("/")[0] for r in story.EXHIBITS})) + r")/(\d+)\b")
    for spec in cast.all_specs():
        if spec.file in PICTURES or spec.section in ("J",):
            continue
        for initials, number in pattern.findall(texts(spec.file)):
            if f"{initials}/{number}" not in story.EXHIBITS:
                unknown.setdefault(spec.file, set()).add(f"{initials}/{number}")
    assert unknown == {}


def test_served_exhibits_are_in_the_register_of_exhibits():
    for spec in cast.all_specs():
        if spec.exhibit:
            assert spec.exhibit in story.EXHIBITS, spec.file


def test_who_produces_an_exhibit_says_so(texts):
    by_person: dict[str, str] = {}
    for spec in statements.SPECS:
        key = next(
            k
            for k, p in story.PEOPLE.items()
            if p.surname.lower() in spec.title.lower()
            and p.name.split()[0].lower() in (spec.title + texts(spec.file)[:900]).lower()
        )
        by_person[key] = by_person.get(key, "") + texts(spec.file)
    for ref, exhibit in story.EXHIBITS.items():
        if exhibit.by in by_person:
            assert ref in by_person[exhibit.by], f"{exhibit.by} does not produce {ref}"


def test_telephone_numbers_are_fictional_and_plates_agree(texts):
    allowed = re.compile(
        r"^(07700 900\d{3}|0113 496 0\d{3}|01632 960\d{3}|020 7946 0\d{3}|03069 990\d{3}|029 2018 0\d{3})$"
    )
    for spec in cast.all_specs():
        if spec.file in PICTURES:
            continue
        text = texts(spec.file)
        for number in re.findall(r"\b0\d{2,4} \d{3,4} ?\d{3,4}\b", text):
            assert allowed.match(number), (spec.file, number)
        for plate in re.findall(r"\b[A-Z]{2}\d{2} [A-Z]{3}\b", text):
            assert plate in {story.PLATE, story.VAN, story.GOLF, story.AUDI}, (spec.file, plate)


def test_the_contradictions_that_a_reader_should_find(texts):
    interview = texts(interviews.BATES_FILE)
    assert "I've never set foot on Calder Lane in my life." in interview
    assert "I've only ever had the one phone." in interview
    assert "I've not been to Wales since I was a kid." in interview
    assert "He smelt of burnt metal" in texts("MG11 HOBBS Leanne 20.11.2025.pdf")
    assert "asked me to put the oven on" in texts("MG11 HOBBS Leanne 20.11.2025.pdf")
    assert "I never moved any furniture in November." in texts("MG11 DOYLE Aoife 01.12.2025.pdf")
    assert "I was moving my sister's furniture." in texts(interviews.DOYLE_FILE)


def test_welsh_letters_are_text(texts):
    assert "dau ŵr" in texts("MG11C ROWLANDS Eifion 15.12.2025 Cymraeg.pdf")
    assert "y tŷ" in texts("MG11C ROWLANDS Eifion 15.12.2025 Cymraeg.pdf")
    assert "Tŷ Aur" in texts("MG11C LLYR Sian 11.12.2025 Cymraeg.pdf")
    assert "Ŵyr neb" in texts("Nodyn presenoldeb 17-04-26.pdf")


def test_stock_bank_and_reads_add_up():
    items = story.stock(SEED)
    assert len([i for i in items if i.found == "JC/2"]) == 14
    assert len([i for i in items if i.found == "SL/2"]) == 3
    assert len({i.line for i in items}) == len(items) == story.WATCHES_TAKEN + 38
    for who in ("bates", "doyle"):
        entries = story.bank(who, SEED)
        for before, after in itertools.pairwise(entries):
            assert before.balance + after.amount == after.balance
        for date, what, amount in story.KEY_ENTRIES[who]:
            assert any(
                e.at == datetime.fromisoformat(date) and (e.what, e.amount) == (what, amount) for e in entries
            )
    assert set(story.KEY_READS) <= set(story.reads(SEED))


def test_scans_have_no_text_and_rotated_pages_do(made):
    folder, _ = made
    with pypdfium2.PdfDocument(folder / "NF4_delivery_notes_2023.pdf") as pdf:
        for page in pdf:
            assert page.get_rotation() == 90
            assert page.get_width() < page.get_height(), "seen upright"
            assert page.get_textpage().count_chars() == 0
    with pypdfium2.PdfDocument(folder / "scan_20251126_0008 search Unit 12.pdf") as pdf:
        assert pdf[0].get_rotation() == 90
        assert "Red spiral notebook" in pdf[0].get_textpage().get_text_bounded()
    with pypdfium2.PdfDocument(folder / "NF_2_Unit7_floorplan_A3.pdf") as pdf:
        assert pdf[0].get_size() == pytest.approx((1190.55, 841.89), abs=0.1)


def test_progress_is_told_and_fonts_are_asked_for(tmp_path):
    told = []
    files = [statements.SPECS[0].file, statements.SPECS[1].file]
    generate.generate(
        tmp_path, lambda done, total, file: told.append((done, total, file)), only=files, workers=1
    )
    assert [(d, t) for d, t, _ in told] == [(1, 2), (2, 2)]
    assert {f for _, _, f in told} == set(files)
    with pytest.raises(FileNotFoundError, match="npm ci"):
        font_file("sans", tmp_path)


def test_wrap_loses_nothing():
    register_fonts(generate.FONTS)
    text = "A sentence of several words, and averyveryverylongwordthatcannotbeputonaline at all."
    lines = wrap(text, "sans", 10, 60)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_command_line_says_what_it_made(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cast, "all_specs", lambda: tuple(statements.SPECS[:2]))
    monkeypatch.setattr(cast, "NOTES", [])
    monkeypatch.setattr(cast, "TURNS", [])
    assert generate.main([str(tmp_path / "new")]) == 0
    assert "2 documents" in capsys.readouterr().out
    assert (tmp_path / "new" / "case.json").is_file()
    assert generate.main([str(tmp_path / "x"), "--fonts", str(Path(tmp_path))]) == 1
