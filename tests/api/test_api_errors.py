"""What goes wrong: one kind of answer, the same for what is hidden and what is not there, and nothing of ours in it."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from casebundle.cases.models import ApiToken
from casebundle.cases.people import new_token
from tests.api.calling import ROOT, Caller, answered
from tests.cast import OTHER, REFERENCE, viewer

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def hidden(served, by, cast):
    """An address for each kind of thing that Sam must not see, with one that is like it and not there."""
    document = served("H", "Marcus Bates")
    page = f"{document.current.pk.hex}-1"
    note = (
        by("priya").post(f"/pages/{page}/notes", {"kind": "note", "body": "x", "audience": "case"}).data["id"]
    )
    hearing = by("tom").post(f"/cases/{REFERENCE}/hearings", {"title": "Trial"}).data["id"]
    code = by("tom").post(f"/hearings/{hearing}/screens", {"name": "Jury"}).data["code"]
    person = str(viewer(cast.priya).participant.pk)
    return {
        "cases": (f"/cases/{REFERENCE}", "/cases/T1"),
        "documents": (f"/documents/{document.pk}", f"/documents/{NOBODY}"),
        "pages": (f"/pages/{page}", f"/pages/{NOBODY.replace('-', '')}-1"),
        "notes": (f"/notes/{note}", f"/notes/{NOBODY}"),
        "hearings": (f"/hearings/{hearing}", f"/hearings/{NOBODY}"),
        "screens": (f"/screens/{code}", "/screens/ABCDEFGH"),
        "participants": (f"/cases/{REFERENCE}/participants/{person}", f"/cases/T1/participants/{person}"),
    }


# Every call there is: (kind of thing, method, what follows its address)
CALLS = [
    ("cases", "GET", ""),
    ("cases", "POST", "/parties"),
    ("cases", "GET", "/participants"),
    ("cases", "POST", "/participants"),
    ("participants", "PATCH", ""),
    ("participants", "DELETE", ""),
    ("cases", "GET", "/bundles/main"),
    ("cases", "PATCH", "/bundles/main"),
    ("cases", "POST", "/bundles/main/freeze"),
    ("cases", "POST", "/bundles/main/sections"),
    ("cases", "PATCH", "/bundles/main/sections/H"),
    ("cases", "GET", "/pages/H1"),
    ("cases", "POST", "/documents"),
    ("cases", "POST", "/serve"),
    ("documents", "GET", ""),
    ("documents", "PATCH", ""),
    ("documents", "GET", "/pages"),
    ("documents", "GET", "/original"),
    ("documents", "GET", "/pdf"),
    ("documents", "POST", "/replace"),
    ("documents", "POST", "/withdraw"),
    ("documents", "GET", "/receipt"),
    ("pages", "GET", ""),
    ("pages", "GET", "/image"),
    ("pages", "GET", "/text"),
    ("pages", "GET", "/notes"),
    ("pages", "POST", "/notes"),
    ("notes", "GET", ""),
    ("notes", "PATCH", ""),
    ("notes", "DELETE", ""),
    ("notes", "POST", "/replies"),
    ("cases", "GET", "/hearings"),
    ("cases", "POST", "/hearings"),
    ("hearings", "GET", ""),
    ("hearings", "POST", "/open"),
    ("hearings", "POST", "/floor"),
    ("hearings", "POST", "/close"),
    ("hearings", "POST", "/screens"),
    ("screens", "DELETE", ""),
    ("cases", "GET", "/journal"),
]


def same(answers) -> bool:
    """Whether nobody could tell these answers apart."""
    return len({(a.status_code, a.content, tuple(sorted(a.headers.items()))) for a in answers}) == 1


def test_what_may_not_be_seen_is_what_is_not_there_byte_for_byte(by, hidden):
    sam = by("sam")
    answers = [sam.get("/no/such/address"), sam.get("/documents/not-an-id"), sam.get(f"/pages/{'9' * 500}")]
    for kind, method, rest in CALLS:
        for path in hidden[kind]:
            # A body that is not right tells nothing either.
            answers.append(
                sam.call(method, path + rest, None if method in ("GET", "DELETE") else {"nonsense": 1})
            )
            assert answers[-1].status_code == 404, (method, path + rest)
    odd = ["/cases/%00", "/documents/%00", "/pages/%F0%28", "/cases/..%2f..", "/notes/%0A", "/", "/cases/"]
    answers += [sam.get(path) for path in odd]
    answers += [sam.delete(f"/screens/{code}") for code in ("%0a", "%00", "ŵ")]
    assert same(answers)
    assert REFERENCE not in answers[0].content.decode()


def test_every_call_is_in_that_table():
    from casebundle.api.main import api

    starts = {
        "cases": "/cases/{reference}",
        "screens": "/screens/{code}",
        "participants": "/cases/{reference}/participants/{id}",
    }
    named = {
        "/bundles/main": "/bundles/{slug}",
        "/sections/H": "/sections/{letter}",
        "/pages/H1": "/pages/{label}",
    }
    known = set()
    for kind, method, rest in CALLS:
        path = ROOT + starts.get(kind, f"/{kind}/{{id}}") + rest
        for sample, name in named.items():
            path = path.replace(sample, name)
        known.add((method, path))
    open_to_all = {
        ("GET", f"{ROOT}/me"),
        ("GET", f"{ROOT}/cases"),
        ("POST", f"{ROOT}/cases"),
        ("GET", f"{ROOT}/search"),
    }
    paths = api.get_openapi_schema()["paths"]
    assert {
        (method.upper(), path) for path, calls in paths.items() for method in calls
    } == known | open_to_all


def test_without_a_good_token_there_is_nothing(by, hidden, cast):
    def answer(header):
        client = Client(headers={"Authorization": header} if header else {})
        return answered(client.get(f"{ROOT}/cases/{REFERENCE}"))

    expired, old = new_token(cast.priya, "old", days=1)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    revoked, gone = new_token(cast.priya, "gone")
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
    answers = [
        answer(header)
        for header in (
            None,
            "Bearer nonsense",
            "Bearer ",
            "Bearer",
            f"Bearer {old}",
            f"Bearer {gone}",
            "Basic YTpi",
            "x",
        )
    ]
    assert {a.status_code for a in answers} == {401}
    assert {a["WWW-Authenticate"].split()[0] for a in answers} == {"Bearer"}
    assert same(answers)
    for kind, method, rest in CALLS:
        assert answered(Client().generic(method, ROOT + hidden[kind][0] + rest)).status_code == 401, (
            kind,
            rest,
        )
    cast.priya.is_active = False
    cast.priya.save()
    assert by("priya").get("/cases").status_code == 401


def test_a_token_for_one_case_is_a_stranger_in_the_others(cast):
    caller = Caller(cast.tom)
    token = ApiToken.objects.get(user=cast.tom)
    assert caller.get(f"/cases/{OTHER}").status_code == 200
    token.participant = viewer(cast.tom).participant
    token.save()
    assert caller.get(f"/cases/{OTHER}").status_code == 404
    assert [row["reference"] for row in caller.get("/cases").data["items"]] == [REFERENCE]
    assert caller.get(f"/cases/{REFERENCE}").status_code == 200
    new = {"reference": "T20261111", "title": "R v X", "court": "Leeds", "template": "crown"}
    assert caller.post("/cases", new).status_code == 403


def test_a_browser_uses_its_session_and_needs_the_csrf_token_to_change_anything(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.tom)
    assert answered(browser.get(f"{ROOT}/me")).status_code == 200
    path, body = f"{ROOT}/cases/{REFERENCE}/hearings", '{"title": "Trial"}'
    refused = answered(browser.post(path, body, content_type="application/json"))
    assert (refused.status_code, "CSRF" in refused.data["detail"]) == (403, True)
    browser.cookies["csrftoken"] = "a" * 32
    good = browser.post(path, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert answered(good).status_code == 201
    # A bad token is not made good by the cookie beside it.
    assert browser.get(f"{ROOT}/me", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_wrong_method_says_which_are_right(by, hidden):
    answer = by("priya").call("PUT", hidden["documents"][0])
    assert (answer.status_code, set(answer["Allow"].split(", "))) == (405, {"GET", "PATCH"})
    assert by("priya").call("DELETE", "/cases").status_code == 405


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '"x"', '{"title": {}}', b"\xff\xfe", "[" * 10_000]
)
def test_a_body_that_is_no_object_is_invalid(by, body):
    answer = by("tom").client.post(
        f"{ROOT}/cases/{REFERENCE}/hearings", body, content_type="application/json"
    )
    assert answered(answer).status_code == 422


def test_a_broken_form_is_invalid(by):
    answer = by("priya").client.post(
        f"{ROOT}/cases/{REFERENCE}/documents",
        b"--x\r\nrubbish",
        content_type="multipart/form-data; boundary=",
    )
    assert answered(answer).status_code == 422


def test_a_body_that_is_too_large_is_refused(by, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = by("tom").post(f"/cases/{REFERENCE}/hearings", {"title": "x" * 200})
    assert answer.status_code == 413


def test_our_own_mistakes_are_told_in_one_sentence(by, monkeypatch, caplog):
    from casebundle.api import shapes

    def broken(*args):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(shapes, "case", broken)
    answer = by("priya").get(f"/cases/{REFERENCE}")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert "secret inside" in caplog.text


def test_too_many_calls_are_told_when_to_come_again(by, settings):
    cache.clear()
    settings.API_PER_MINUTE = 3
    codes = [by("priya").get("/me").status_code for _n in range(5)]
    assert codes.count(200) >= 3
    if codes[-1] == 200:  # a minute ended in between
        codes = [by("priya").get("/me").status_code for _n in range(5)]
    last = by("priya").get("/me")
    assert last.status_code == 429
    assert 1 <= int(last["Retry-After"]) <= 60
    assert by("daniel").get("/me").status_code == 200
    cache.clear()


def test_nothing_is_kept_by_caches_between(by, hidden):
    for path in ("/me", hidden["documents"][0], "/nothing"):
        answer = by("priya").get(path)
        assert answer["Cache-Control"] == "no-store, private"
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_a_token_from_the_command_line(cast):
    out = io.StringIO()
    call_command("token", "Priya.Shah@cps.example", "--days", "1", "--case", REFERENCE, stdout=out)
    secret = out.getvalue().strip()
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get(f"{ROOT}/me")
    assert answer.json()["email"] == "priya.shah@cps.example"
    token = ApiToken.objects.get()
    assert token.participant == viewer(cast.priya).participant
    assert token.expires_at is not None
    for arguments in (
        ["x@y.example"],
        ["priya.shah@cps.example", "--case", OTHER],
        ["priya.shah@cps.example", "--days", "0"],
    ):
        with pytest.raises(CommandError):
            call_command("token", *arguments)


def test_words_are_in_the_language_of_the_caller(by):
    answer = by("mari").get(f"/cases/{OTHER}", headers={"Accept-Language": "cy"})
    assert (answer.status_code, answer["Content-Language"]) == (404, "cy")
