"""Serve evidence: what is uploaded, how it is named, what is promised before it is served, and what is served."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casebundle.bundles import services
from casebundle.bundles.labels import Labels
from casebundle.bundles.models import Bundle, Document
from casebundle.evidence import process
from casebundle.evidence.planning import plan
from casebundle.journal.models import Entry
from tests.cast import REFERENCE, Cast, pdf, read, viewer

PAGE = f"/cases/{REFERENCE}/serve/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, name: str, data: bytes, key: str = "", **more: Any) -> Any:
    body = {"file": SimpleUploadedFile(name, data), "section": "main/J", "seen": "everybody", **more}
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{PAGE}upload", body, headers=headers)


def staged(**where: Any) -> Any:
    return Document.objects.filter(state="staged", **where)


class TestUpload:
    def test_the_row_comes_at_once(self, cast: Cast) -> None:
        answer = send(signed_in(cast.priya), "MG11 Helen Marsh 14-03-2026.pdf", pdf())
        assert answer.status_code == 202
        row = answer.json()["row"]
        assert (row["status"], row["section"], row["date"]) == ("received", "J", "14/3/2026")
        assert row["state"] == "received, waiting to be read"
        assert "Helen Marsh" in row["title"]

    def test_sent_again_with_its_key_it_is_one_document(self, cast: Cast) -> None:
        client = signed_in(cast.priya)
        first, second = (send(client, "a.pdf", pdf(), key="k1").json()["row"]["id"] for _n in range(2))
        assert first == second
        assert staged().count() == 1
        assert send(client, "a.pdf", pdf(["other"]), key="k1").status_code == 409

    def test_files_keep_the_order_they_were_chosen_in(self, cast: Cast) -> None:
        client = signed_in(cast.priya)
        for at in (3, 1, 2):  # as they happen to arrive
            send(client, f"{at}.pdf", pdf([str(at)]), position=str(at))
        names = [row.current.name for row in Document.objects.select_related("current").order_by("position")]
        assert names == ["1.pdf", "2.pdf", "3.pdf"]

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\files\\a.pdf", "a.pdf"),
            ("evil\u202efdp.exe.pdf", "evilfdp.exe.pdf"),
            ("n" * 300 + ".pdf", "n" * 10),
            ("..", "document.pdf"),
            ("\x00\x1b[31mred.pdf", "red.pdf"),
        ],
    )
    def test_a_hostile_name_is_made_safe(self, cast: Cast, name: str, shown: str) -> None:
        from casebundle.evidence.intake import receive

        bundle = Bundle.objects.get(case=cast.case)
        document = receive(viewer(cast.priya), bundle, "J", name, [pdf()])
        said = document.versions.get().name
        assert shown in said
        assert len(said) <= 200
        assert not set("/\\\x00\x1b\u202e") & set(said)
        page = signed_in(cast.priya).get(PAGE).content.decode()
        assert "\u202e" not in page

    def test_a_bad_file_stays_with_its_reason_and_stops_nobody(self, cast: Cast) -> None:
        client = signed_in(cast.priya)
        for name, data in [("empty.pdf", b""), ("word.pdf", b"PK\x03\x04word"), ("good.pdf", pdf())]:
            assert send(client, name, data).status_code == 202
        for document in staged():
            read(document)
        rows = {row["name"]: row for row in client.get(f"{PAGE}states?after=0").json()["rows"]}
        assert rows["good.pdf"]["status"] == "ready"
        assert rows["empty.pdf"]["reason"].startswith("The file is empty")
        assert "not a PDF" in rows["word.pdf"]["reason"]

    def test_too_large_is_said_with_what_to_do(self, cast: Cast, settings: Any) -> None:
        settings.UPLOAD_MAX_BYTES = 1024
        answer = send(signed_in(cast.priya), "big.pdf", b"%PDF-" + b"x" * 2000)
        assert answer.status_code == 413
        assert "Split it" in answer.json()["detail"]

    def test_signed_out_is_said_and_not_redirected(self, cast: Cast) -> None:
        answer = send(Client(), "a.pdf", pdf())
        assert answer.status_code == 401
        assert "Sign in again" in answer.json()["detail"]

    def test_without_scripts_a_plain_form_takes_many_files(self, cast: Cast) -> None:
        client = signed_in(cast.priya)
        files = [SimpleUploadedFile(f"{n}.pdf", pdf([str(n)])) for n in range(3)]
        files.append(SimpleUploadedFile("empty.pdf", b""))
        body = {"section": "main/H", "seen": "some", "parties": ["bates"], "files": files}
        answer = client.post(PAGE, body, follow=True)
        page = answer.content.decode()
        assert "4 files have arrived." in page
        assert [document.visible_to for document in staged()] == ["|bates|court|prosecution|"] * 4
        assert answer.redirect_chain

    def test_without_a_section_nothing_is_lost_and_it_is_said(self, cast: Cast) -> None:
        page = signed_in(cast.priya).post(PAGE, {"seen": "some"})
        text = page.content.decode()
        for said in ("Choose a section.", "Choose at least one party.", "Choose one or more PDF files."):
            assert said in text
        assert '<option value="some"' not in text
        assert 'value="some"' in text
        assert text.count("checked") == 1


class TestRows:
    def test_a_cell_is_saved_and_read_as_people_write(self, cast: Cast, staged: Any) -> None:
        document = staged("J", name="x.pdf")
        client = signed_in(cast.priya)
        url = f"{PAGE}{document.pk}"
        for field, typed, kept in [
            ("title", "  Photograph of the van ", "Photograph of the van"),
            ("date", "14 March 2026", "14/3/2026"),
            ("date", "1.4.26", "1/4/2026"),
            ("date", "14 Mawrth 2026", "14/3/2026"),
            ("date", "", ""),
            ("exhibit", "JS/1", "JS/1"),
            ("section", "H", "H"),
            ("seen", "bates", "bates"),
            ("seen", "", ""),
            ("seen", "everybody", "everybody"),
        ]:
            answer = client.post(url, {field: typed})
            assert answer.status_code == 200, answer.content
            assert answer.json()["row"][field] == kept

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("date", "31/2/2026"), ("date", "soon"), ("title", " "), ("title", "x" * 301), ("exhibit", "x" * 41),
         ("section", "ZZ"), ("seen", "nobody")],
    )  # fmt: skip
    def test_what_cannot_be_saved_is_said_and_changes_nothing(
        self, cast: Cast, staged: Any, field: str, typed: str
    ) -> None:
        document = staged("J", title="Kept")
        answer = signed_in(cast.priya).post(f"{PAGE}{document.pk}", {field: typed})
        assert answer.status_code == 422
        assert answer.json()["detail"]
        document.refresh_from_db()
        assert (document.title, document.section.letter) == ("Kept", "J")

    def test_saved_without_scripts_and_a_wrong_cell_stays_as_typed(self, cast: Cast, staged: Any) -> None:
        one, two = staged("J", "one", title="One"), staged("J", "two", title="Two")
        page = signed_in(cast.priya).post(
            f"{PAGE}rows",
            {f"title-{one.pk}": "First", f"date-{one.pk}": "never", f"title-{two.pk}": "Second"},
        )
        text = page.content.decode()
        assert 'value="never"' in text
        assert "Enter a real date" in text
        assert sorted(Document.objects.values_list("title", flat=True)) == ["First", "Second"]

    def test_removed_it_is_gone_and_its_entry_stays(self, cast: Cast, staged: Any) -> None:
        document = staged("J")
        client = signed_in(cast.priya)
        answer = client.post(f"{PAGE}{document.pk}/remove", headers={"Accept": "application/json"})
        assert answer.json() == {"gone": [str(document.pk)]}
        assert client.get(f"{PAGE}states?after=0").json()["rows"] == []
        assert Entry.objects.filter(document=document.pk, action="document.withdrawn").exists()
        # Once more is no error: it is what was asked for.
        assert (
            client.post(f"{PAGE}{document.pk}/remove", headers={"Accept": "application/json"}).status_code
            == 200
        )

    def test_states_send_only_what_changed(self, cast: Cast, staged: Any) -> None:
        first = staged("J", "one")
        client = signed_in(cast.priya)
        after = client.get(f"{PAGE}states?after=0").json()["after"]
        again = client.get(f"{PAGE}states?after={after}").json()
        assert (again["rows"], again["gone"]) == ([], [])
        second = staged("J", "two")
        services.withdraw(viewer(cast.priya), first, "wrong one")
        later = client.get(f"{PAGE}states?after={after}").json()
        assert [row["id"] for row in later["rows"]] == [str(second.pk)]
        assert later["gone"] == [str(first.pk)]

    def test_reading_says_how_far(self, cast: Cast, staged: Any) -> None:
        document = staged("J")
        version = document.current
        version.status, version.pages, version.pages_done = "reading", 90, 12
        version.save()
        row = signed_in(cast.priya).get(f"{PAGE}states?after=0").json()["rows"][0]
        assert row["state"] == "reading 12 of 90 pages"

    def test_warnings_are_words(self, cast: Cast, staged: Any) -> None:
        staged("J", "words", "")
        staged("J", "words", "")
        rows = signed_in(cast.priya).get(f"{PAGE}states?after=0").json()["rows"]
        said = sorted(" ".join(row["warnings"]) for row in rows)
        assert "Page 2 has nothing on it." in said[0]
        assert any("same file" in words for words in said)
        assert "scanned" not in "".join(said)

    def test_everything_gets_the_chosen_section_and_audience(self, cast: Cast, staged: Any) -> None:
        staged("J", "one"), staged("H", "two")
        signed_in(cast.priya).post(f"{PAGE}all", {"section": "main/K", "seen": "some", "parties": ["doyle"]})
        found = {(row.section.letter, row.visible_to) for row in Document.objects.select_related("section")}
        assert found == {("K", "|court|doyle|prosecution|")}


class TestCheck:
    def test_the_labels_promised_are_the_labels_given(self, cast: Cast, served: Any, staged: Any) -> None:
        served("J", "old one", "old two")
        for at, (letter, pages) in enumerate([("J", 3), ("H", 1), ("J", 2), ("K", 12)]):
            staged(letter, *[f"{at} {n}" for n in range(pages)])
        promised = {row["document"].pk: (row["first"], row["last"]) for row in plan(viewer(cast.priya)).rows}
        assert not Document.objects.filter(state="staged", served_at__isnull=False).exists()
        documents = services.serve(viewer(cast.priya), list(promised))
        now = Document.objects.select_related("current").filter(pk__in=[row.pk for row in documents])
        given = {row.pk: Labels([row]).span(row) for row in now}
        assert given == promised
        assert ("J3", "J5") in given.values()

    def test_looking_writes_nothing(self, cast: Cast, staged: Any) -> None:
        staged("J")
        client = signed_in(cast.priya)
        before = Entry.objects.count(), Bundle.objects.get(case=cast.case).numbering_version
        assert client.get(f"{PAGE}check").status_code == 200
        assert (Entry.objects.count(), Bundle.objects.get(case=cast.case).numbering_version) == before

    def test_it_says_whose_numbers_move(self, cast: Cast, served: Any, staged: Any) -> None:
        later = served("K", "one")
        services.set_profile(viewer(cast.priya), later.section.bundle, "continuous")
        staged("J", "in between")
        made = plan(viewer(cast.priya))
        assert made.moved == 1
        page = signed_in(cast.priya).get(f"{PAGE}check").content.decode()
        assert "page numbers of 1 document that is served already will change" in page

    def test_one_is_left_out_and_put_back(self, cast: Cast, staged: Any) -> None:
        one, two = staged("J", "one", title="One"), staged("J", "two", title="Two")
        client = signed_in(cast.priya)
        ids = [str(one.pk), str(two.pk)]
        without = client.post(f"{PAGE}check", {"documents": ids, "leave": str(one.pk)}).context["plan"]
        assert ([row["document"].pk for row in without.rows], without.left) == ([two.pk], [one])
        assert without.rows[0]["first"] == "J1"
        both = client.post(f"{PAGE}check", {"documents": [str(two.pk)], "put": str(one.pk)}).context["plan"]
        assert len(both.rows) == 2

    def test_the_audience_is_what_section_and_choice_leave(self, cast: Cast, staged: Any) -> None:
        staged("J", "one", visible_to=["bates"])
        staged("UND2", "two")
        seen = [row["seen"] for row in plan(viewer(cast.priya)).rows]
        assert seen == [
            "the prosecution, Bates’s defence and the court",
            "the prosecution, Bates’s defence and Doyle’s defence",
        ]


def serve_what_is_shown(client: Client, **more: Any) -> Any:
    made = client.get(f"{PAGE}check").context["plan"]
    body = {"documents": [str(pk) for pk in made.ids], "shown": made.digest, **more}
    return client.post(f"{PAGE}now", body, follow=True)


class TestServe:
    def test_served_with_receipt_and_entry(self, cast: Cast, staged: Any) -> None:
        one, two = staged("J", "one", "two", title="Photographs"), staged("H", "three", visible_to=["bates"])
        page = serve_what_is_shown(signed_in(cast.priya))
        text = page.content.decode()
        assert page.status_code == 200
        assert "Receipt of service" in text
        hashes = one.current.sha256, two.current.sha256
        scan = "scanned for viruses and none was found" if settings.CLAMD_URL else "not scanned for viruses"
        for said in (*hashes, "Photographs", "J1", "J2", "3 pages", scan):
            assert said in text
        entry = Entry.objects.get(action="document.served", document=one.pk)
        assert f">{entry.seq}</td>" in text
        assert entry.data["on"] == ["bates", "doyle", "court"]
        # Who may not see one has no receipt of it, and is not told that there was one more.
        other = signed_in(cast.mari).get(page.request["PATH_INFO"]).content.decode()
        assert two.current.sha256 not in other
        assert one.current.sha256 in other

    def test_pressed_twice_it_is_the_same_receipt(self, cast: Cast, staged: Any) -> None:
        staged("J", "one")
        client = signed_in(cast.priya)
        made = client.get(f"{PAGE}check").context["plan"]
        body = {"documents": [str(pk) for pk in made.ids], "shown": made.digest}
        first, second = (client.post(f"{PAGE}now", body) for _n in range(2))
        assert first.status_code == second.status_code == 302
        assert first.url == second.url
        assert Entry.objects.filter(action="document.served").count() == 1

    def test_what_changed_meanwhile_is_shown_first(self, cast: Cast, staged: Any, served: Any) -> None:
        document = staged("J", "one")
        client = signed_in(cast.priya)
        made = client.get(f"{PAGE}check").context["plan"]
        body = {"documents": [str(pk) for pk in made.ids], "shown": made.digest}
        served("J", "somebody else was faster", position=0)
        page = client.post(f"{PAGE}now", body)
        assert page.status_code == 409
        assert "Something changed" in page.content.decode()
        document.refresh_from_db()
        assert document.state == "staged"
        assert page.context["plan"].rows[0]["first"] == "J2"

    def test_one_that_is_not_ready_stops_all(self, cast: Cast, staged: Any) -> None:
        one, two = staged("J", "one", title="One"), staged("J", "two", title="Two")
        two.current.status = "reading"
        two.current.save()
        with pytest.raises(Exception, match="Two"):
            services.serve(viewer(cast.priya), [one.pk, two.pk])
        assert Document.objects.filter(state="served").count() == 0

    def test_receipt_of_one_document_outlives_withdrawal(self, cast: Cast, served: Any) -> None:
        document = served("J", "one", "two")
        client = signed_in(cast.daniel)
        url = f"/documents/{document.pk}/receipt/"
        assert document.current.sha256 in client.get(url).content.decode()
        services.withdraw(viewer(cast.priya), document, "served by mistake")
        text = client.get(url).content.decode()
        assert document.current.sha256 in text
        assert "withdrawn on" in text

    def test_a_staged_document_has_no_receipt(self, cast: Cast, staged: Any) -> None:
        document = staged("J")
        assert signed_in(cast.priya).get(f"/documents/{document.pk}/receipt/").status_code == 404


#: Who may do it: (name, expected). 302 leads to signing in.
NOT_IN_CASE, NOT_ALLOWED, SIGN_IN = 404, 403, 302


class TestWho:
    @pytest.mark.parametrize("path", ["", "check"])
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("priya", {200, 302}),
            ("daniel", {200, 302}),
            ("ruth", {200, 302}),
            ("tom", {200, 302}),
            ("sam", {404}),
        ],
    )
    def test_pages(self, cast: Cast, name: str, expected: set[int], path: str) -> None:
        assert signed_in(cast[name]).get(PAGE + path).status_code in expected
        assert Client().get(PAGE + path).status_code == 302

    @pytest.mark.parametrize(
        ("name", "expected"), [("priya", 202), ("daniel", 202), ("ruth", 202), ("tom", 202), ("sam", 404)]
    )
    def test_upload(self, cast: Cast, name: str, expected: int) -> None:
        assert send(signed_in(cast[name]), "a.pdf", pdf()).status_code == expected

    @pytest.mark.parametrize("name", ["daniel", "mari", "ruth", "tom", "sam"])
    def test_what_is_staged_is_its_own_partys_alone(self, cast: Cast, staged: Any, name: str) -> None:
        document = staged("J", title="Secret until served")
        client = signed_in(cast[name])
        assert client.post(f"{PAGE}{document.pk}", {"title": "x"}).status_code in (403, 404)
        assert client.post(f"{PAGE}{document.pk}/remove").status_code in (403, 404)
        answer = client.post(f"{PAGE}now", {"documents": [str(document.pk)], "shown": ""})
        assert answer.status_code in (302, 403, 404, 409)
        for url in (PAGE, f"{PAGE}check", f"{PAGE}states?after=0", f"/documents/{document.pk}/receipt/"):
            assert b"Secret until served" not in client.get(url, follow=True).content
        document.refresh_from_db()
        assert (document.title, document.state) == ("Secret until served", "staged")

    def test_a_section_that_one_may_not_see_cannot_be_named(self, cast: Cast) -> None:
        answer = send(signed_in(cast.daniel), "a.pdf", pdf(), section="main/PD2")
        assert answer.status_code == 422
        assert Document.objects.count() == 0

    @pytest.mark.parametrize("name", ["priya", "daniel"])
    def test_forged_posts_are_refused(self, cast: Cast, name: str) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast[name])
        assert send(client, "a.pdf", pdf()).status_code == 403


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}check", f"{PAGE}states?after=0"])
def test_as_many_questions_for_many_as_for_few(cast: Cast, path: str) -> None:
    from casebundle.evidence.intake import receive

    client, who = signed_in(cast.priya), viewer(cast.priya)
    bundle = Bundle.objects.get(case=cast.case)

    def add(n: int) -> None:
        for at in range(n):
            document = receive(who, bundle, "J", f"{at}.pdf", [pdf([f"{n} {at}"])])
            process.process(document.versions.get().pk)

    add(3)
    few = queries(client, path)
    add(20)
    assert queries(client, path) == few


def test_the_receipt_asks_as_much_for_many_as_for_few(cast: Cast, staged: Any) -> None:
    client = signed_in(cast.priya)
    staged("J", "one")
    few = queries(client, serve_what_is_shown(client).request["PATH_INFO"])
    for at in range(12):
        staged("J", f"{at}")
    many = serve_what_is_shown(client)
    assert json.dumps(len(many.context["receipt"].items)) == "12"
    assert queries(client, many.request["PATH_INFO"]) == few
