"""Who guesses is stopped, in every process; a court that mistypes is told when to try again and is never locked out."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client

from casebundle.cases import limits, people
from casebundle.cases.limits import TooMany
from casebundle.cases.models import Tally
from casebundle.courtroom import services as court
from tests.cast import REFERENCE, pdf, viewer

pytestmark = pytest.mark.django_db

GOOD = "three random words"
LOGIN = "/accounts/login/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def fresh() -> Any:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ruth(cast: Any) -> Any:
    cast.ruth.set_password(GOOD)
    cast.ruth.save()
    return cast.ruth


def attempt(client: Client, email: str, password: str = "wrong", **more: Any) -> Any:
    # Another process knows nothing of what this one has in memory.
    cache.clear()
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def browser(address: str = "10.0.0.1") -> Client:
    return Client(REMOTE_ADDR=address)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# --- signing in ---------------------------------------------------------------------------------
def test_a_judge_who_mistypes_is_told_when_to_try_again(ruth: Any, monkeypatch: Any) -> None:
    client = browser()
    for _n in range(5):
        assert attempt(client, ruth.email).status_code == 200
    answer = attempt(client, ruth.email, GOOD)
    assert answer.status_code == 429
    assert 290 <= int(answer["Retry-After"]) <= 300
    page = answer.content.decode()
    assert "Try again in 5 minutes, or choose a new password by email." in page
    # What was typed is still there, and the way round is named.
    assert ruth.email in page
    # In Welsh too.
    client.cookies["django_language"] = "cy"
    answer = attempt(client, ruth.email, GOOD)
    assert answer.status_code == 429
    assert "Try again" not in answer.content.decode()
    # From elsewhere they come in at once; and from here when the time is over.
    assert attempt(browser("10.0.0.2"), ruth.email, GOOD).status_code == 302
    now = limits._now()
    monkeypatch.setattr(limits, "_now", lambda: now + 301)
    assert attempt(client, ruth.email, GOOD).status_code == 302


def test_good_tries_do_not_count(ruth: Any) -> None:
    client = browser()
    for _n in range(4):
        attempt(client, ruth.email)
    for _n in range(12):
        assert attempt(browser(), ruth.email, GOOD).status_code == 302
    assert attempt(client, ruth.email).status_code == 200
    assert attempt(client, ruth.email, GOOD).status_code == 429


def test_guessing_from_everywhere_locks_out_strangers_alone(ruth: Any, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "sign-in-account": (20, 3600)}
    known = browser("10.0.0.9")
    assert attempt(known, ruth.email, GOOD).status_code == 302
    at_work = browser("10.0.0.9")
    at_work.cookies = known.cookies.copy()
    for n in range(25):
        last = attempt(browser(f"10.1.{n}.1"), ruth.email)
    assert last.status_code == 429
    assert "minutes" in last.content.decode()
    # A stranger's browser, also with the right password.
    assert attempt(browser("10.2.0.1"), ruth.email, GOOD).status_code == 429
    # The session that is open goes on, and a browser that was signed in before comes in.
    assert is_in(known)
    known.post("/accounts/logout/")
    assert not is_in(known)
    assert attempt(known, ruth.email, GOOD).status_code == 302
    # Whoever can read the account's mail chooses another password and comes in from anywhere.
    new = browser("10.3.0.1")
    assert new.post("/accounts/password/reset/", {"email": ruth.email}).status_code == 302
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = new.get(link, follow=True).redirect_chain[-1][0]
    words = "other random words"
    assert new.post(form, {"password1": words, "password2": words}).status_code == 302
    assert attempt(new, ruth.email, words).status_code == 302
    assert is_in(new)


def test_a_known_browser_is_limited_for_itself(ruth: Any) -> None:
    client = browser()
    attempt(client, ruth.email, GOOD)
    client.post("/accounts/logout/")
    codes = [attempt(client, ruth.email).status_code for _n in range(11)]
    assert codes == [200] * 10 + [429]
    # Its mark cannot be made up, and is good for its own account.
    forged = browser("10.9.9.9")
    forged.cookies["known"] = client.cookies["known"].value[:-2] + "xx"
    codes = [attempt(forged, ruth.email).status_code for _n in range(6)]
    assert codes[-1] == 429
    other = browser("10.9.9.8")
    other.cookies["known"] = client.cookies["known"].value
    codes = [attempt(other, "tom.price@court.example").status_code for _n in range(6)]
    assert codes[-1] == 429


def test_one_address_that_tries_everybody_is_stopped_and_the_court_behind_it_is_not(
    ruth: Any, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "sign-in-address": (15, 600)}
    known = browser("10.0.0.5")
    assert attempt(known, ruth.email, GOOD).status_code == 302
    known.post("/accounts/logout/")
    codes = [attempt(browser("10.0.0.5"), f"somebody{n}@x.example").status_code for n in range(17)]
    assert codes == [200] * 15 + [429] * 2
    assert attempt(known, ruth.email, GOOD).status_code == 302


def test_forty_people_sign_in_at_ten_behind_one_address(cast: Any) -> None:
    from casebundle.cases.models import User

    for n in range(40):
        user = User.objects.create_user(f"person{n}@court.example", name=f"P{n}")
        user.password = cast.ruth.password if n else user.password
        user.set_unusable_password()
    cast.ruth.set_password(GOOD)
    cast.ruth.save()
    for n in range(40):
        attempt(browser(), f"person{n}@court.example")
    assert attempt(browser(), cast.ruth.email, GOOD).status_code == 302


def test_it_is_not_told_whether_there_is_such_an_account(ruth: Any) -> None:
    def seen(email: str) -> list[tuple[int, str]]:
        client = browser(f"10.7.0.{len(email)}")
        answers = [attempt(client, email) for _n in range(7)]
        return [
            (
                answer.status_code,
                re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(
                    email, "@"
                ),
            )
            for answer in answers
        ]

    assert seen(ruth.email) == seen("no.such.person@x.example")


def test_a_header_does_not_make_another_address(ruth: Any, settings: Any) -> None:
    client = browser()
    codes = [
        attempt(
            client, ruth.email, headers={"X-Forwarded-For": f"192.0.2.{n}", "X-Real-IP": f"192.0.2.{n}"}
        ).status_code
        for n in range(6)
    ]
    assert codes[-1] == 429
    # Behind a proxy of ours the last one counts, which it wrote: the others are what was sent to it.
    settings.TRUST_PROXY = True
    codes = [
        attempt(client, ruth.email, headers={"X-Forwarded-For": f"192.0.2.{n}, 198.51.100.7"}).status_code
        for n in range(6)
    ]
    assert codes == [200] * 5 + [429]
    answer = attempt(client, ruth.email, GOOD, headers={"X-Forwarded-For": "198.51.100.8"})
    assert answer.status_code == 302


def test_neither_addresses_nor_emails_are_kept(ruth: Any) -> None:
    attempt(browser("203.0.113.77"), ruth.email)
    kept = json.dumps(list(Tally.objects.values()), default=str)
    assert kept != "[]"
    assert "203.0.113" not in kept
    assert "ruth" not in kept


def test_a_clock_that_was_set_back_locks_nobody_out(ruth: Any, monkeypatch: Any) -> None:
    client, now = browser(), limits._now()
    for _n in range(6):
        attempt(client, ruth.email)
    monkeypatch.setattr(limits, "_now", lambda: now - 86400)
    assert attempt(client, ruth.email, GOOD).status_code == 302


def test_what_is_over_is_thrown_away(db: None, monkeypatch: Any) -> None:
    limits.count(limits.TOKEN, "somebody")
    now = limits._now()
    monkeypatch.setattr(limits, "_now", lambda: now + 2 * 86400)
    limits.count(limits.TOKEN, "somebody else")
    assert Tally.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_those_who_try_at_once_are_counted_each(settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "token": (20, 600)}
    let_in: list[int] = []

    def many() -> None:
        for _n in range(8):
            try:
                limits.count(limits.TOKEN, "x")
                let_in.append(1)
            except TooMany:
                pass
        connections.close_all()

    threads = [threading.Thread(target=many) for _n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_in) == 20


# --- secrets ------------------------------------------------------------------------------------
def test_links_by_mail_do_not_fill_a_post_box(ruth: Any) -> None:
    codes = [
        browser(f"10.4.0.{n}")
        .post("/accounts/password/reset/", {"email": ruth.email.upper() if n % 2 else ruth.email})
        .status_code
        for n in range(7)
    ]
    assert codes == [302] * 5 + [429] * 2
    assert len(mail.outbox) == 5
    # The same for an account that there is not.
    codes = [
        browser(f"10.4.1.{n}").post("/accounts/password/reset/", {"email": "none@x.example"}).status_code
        for n in range(7)
    ]
    assert codes == [302] * 5 + [429] * 2


def test_invitations_are_not_guessed_and_a_good_one_is_never_refused(cast: Any, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "secret": (10, 600)}
    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    good = f"/invitations/{people.new_invitation(guest)}/"
    codes = [browser().get(f"/invitations/wrong{n}/").status_code for n in range(12)]
    assert codes == [410] * 10 + [429] * 2
    assert browser().get(good).status_code == 200
    answer = browser().get("/invitations/again/", headers={"Accept-Language": "cy"})
    assert int(answer["Retry-After"]) > 1
    assert answer["Content-Language"] == "cy"
    assert "Too many tries" not in answer.content.decode()


def test_tokens_are_not_guessed_and_a_good_one_is_never_refused(cast: Any, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "token": (10, 60)}
    _token, good = people.new_token(cast.priya, "t")
    answers = [
        browser().get("/api/v1/me", headers={"Authorization": f"Bearer cb_wrong{n}"}) for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert answers[-1].json()["status"] == 429
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    welsh = {"Authorization": "Bearer cb_wrong", "Accept-Language": "cy"}
    answer = browser().get("/api/v1/me", headers=welsh)
    assert (answer.status_code, answer["Content-Language"]) == (429, "cy")
    assert answer.json()["detail"] != answers[-1].json()["detail"]
    assert browser().get("/api/v1/me", headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_codes_of_screens_are_not_guessed_and_a_screen_that_shows_goes_on(
    cast: Any, served: Any, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "screen": (10, 600)}
    document = served("A", "The red van.")
    hearing = court.open_hearing(viewer(cast.ruth), "Trial")
    screen = court.new_screen(viewer(cast.tom), hearing, "Jury")
    hearing = court.give_floor(viewer(cast.ruth), hearing, viewer(cast.priya).participant)
    page = document.current.page_set.get()
    court.turn(viewer(cast.priya), hearing, page)
    jury = browser()
    assert jury.get(f"/screen/{screen.code}").status_code == 200
    codes = [browser().get(f"/screen/WRONG{n:03}").status_code for n in range(6)]
    codes += [browser().get("/screen/", {"code": f"WRONG{n:03}"}).status_code for n in range(6)]
    assert codes == [404] * 10 + [429] * 2
    # The right one is not found by going on; what showed before goes on; elsewhere nobody notices.
    assert jury.get(f"/screen/{screen.code}").status_code == 200
    assert browser().get(f"/screen/{screen.code}").status_code == 429
    assert browser().get(f"/screen/{screen.code}/page/{page.pk}").status_code == 200
    assert browser("10.0.0.8").get(f"/screen/{screen.code}").status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_nor_are_they_guessed_at_their_socket(settings: Any, cast: Any) -> None:
    from asgiref.sync import sync_to_async
    from asgiref.testing import ApplicationCommunicator

    from casebundle.asgi import application

    settings.LIMITS = {**settings.LIMITS, "screen": (5, 600)}

    @sync_to_async
    def made() -> tuple[str, str]:
        hearing = court.open_hearing(viewer(cast.ruth), "Trial")
        code = court.new_screen(viewer(cast.tom), hearing, "Jury").code
        return code, browser().get(f"/screen/{code}").cookies["screen"].value

    async def knock(code: str, cookie: str = "") -> Any:
        headers = [(b"cookie", f'screen="{cookie}"'.encode())] if cookie else []
        scope = {
            "type": "websocket",
            "path": f"/ws/screen/{code}/",
            "headers": headers,
            "client": ["10.0.0.7", 1],
        }
        socket = ApplicationCommunicator(application, {**scope, "query_string": b"", "subprotocols": []})
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(5))["type"] == "websocket.accept"
        event = await socket.receive_output(5)
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(5)
        return event["code"] if event["type"] == "websocket.close" else json.loads(event["text"])["type"]

    code, cookie = await made()
    assert await knock(code) == "state"
    assert [await knock(f"WRONG{n:03}") for n in range(6)] == [4404] * 6
    assert await knock(code) == 4404
    assert await knock(code, cookie) == "state"
    assert await knock(code, cookie[:-1] + "x") == 4404


# --- what people do -----------------------------------------------------------------------------
def test_notes_searches_and_uploads_have_their_pace(cast: Any, served: Any, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "note": (3, 60), "search": (3, 60), "upload": (3, 60)}
    document = served("A", "The red van.")
    page = document.current.page_set.get().pk
    client, other = browser(), browser()
    client.force_login(cast.priya, backend=BACKEND)
    other.force_login(cast.daniel, backend=BACKEND)
    note = json.dumps({"kind": "note", "body": "x"})

    def upload(who: Client, path: str, **more: Any) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        return who.post(path, {"file": SimpleUploadedFile("a.pdf", pdf(), "application/pdf"), **more})

    ways = {
        "note": lambda who: who.post(f"/api/v1/pages/{page}/notes", note, "application/json"),
        "search": lambda who: who.get("/api/v1/search?q=van"),
        "search page": lambda who: who.get("/search/?q=van"),
        "upload": lambda who: upload(who, f"/api/v1/cases/{REFERENCE}/documents", section="J"),
        "upload page": lambda who: upload(
            who, f"/cases/{REFERENCE}/serve/upload", section="main/J", seen="everybody"
        ),
    }
    for name, way in ways.items():
        if name.endswith("page"):
            answer = way(client)
        else:
            answers = [way(client) for _n in range(4)]
            assert [one.status_code < 300 for one in answers] == [True] * 3 + [False], name
            answer = answers[-1]
            assert answer["Content-Type"] == "application/problem+json"
        assert answer.status_code == 429, name
        assert 1 <= int(answer["Retry-After"]) <= 60, name
        # Each for themselves.
        assert way(other).status_code < 300, name


def test_every_429_says_when_to_come_again(cast: Any, settings: Any) -> None:
    settings.API_PER_MINUTE = 1
    client = browser()
    client.force_login(cast.priya, backend=BACKEND)
    answers = [client.get("/api/v1/me") for _n in range(3)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    assert answers[-1]["Content-Type"] == "application/problem+json"


def test_a_limit_of_the_account_pages_shows_our_page(cast: Any) -> None:
    client = browser()
    client.force_login(cast.priya, backend=BACKEND)
    for _n in range(7):
        answer = client.post("/accounts/password/change/", {"oldpassword": "wrong"})
    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert "Too many tries" in answer.content.decode()
