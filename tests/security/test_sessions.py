"""Sessions begin, rotate and end when they must; nothing else signs anybody in, and nothing is done by accident."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core import mail
from django.test import Client

from annotations.models import Note
from casebundle.cases import people
from tests.cast import REFERENCE, viewer

pytestmark = pytest.mark.django_db

GOOD = "three random words"
LOGIN = "/accounts/login/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def priya(cast: Any) -> Any:
    cast.priya.set_password(GOOD)
    cast.priya.save()
    return cast.priya


def sign_in(user: Any, client: Client | None = None, **more: Any) -> Any:
    client = client or Client()
    answer = client.post(LOGIN, {"login": user.email, "password": GOOD, **more})
    assert answer.status_code == 302
    return client


def signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# --- sessions -----------------------------------------------------------------------------------
def test_a_session_rotates_at_sign_in(priya: Any) -> None:
    client = Client()
    session = client.session
    session["mine"] = "put here by somebody else"
    session.save()
    before = session.session_key
    sign_in(priya, client)
    assert client.session.session_key != before
    # Whoever planted the key is nobody with it.
    thief = Client()
    thief.cookies["sessionid"] = before
    assert not signed_in(thief)
    # And once more, where one account follows another in the same browser.
    held = client.session.session_key
    client.post("/accounts/logout/")
    sign_in(priya, client)
    assert client.session.session_key not in (before, held)


def test_an_invitation_rotates_the_session_too(cast: Any) -> None:
    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    client = Client()
    client.force_login(cast.daniel, backend=BACKEND)
    before = client.session.session_key
    link = f"/invitations/{people.new_invitation(guest)}/"
    answer = client.post(link, {"name": "Guest", "password": GOOD, "again": GOOD})
    assert answer.status_code == 302
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(guest.user_id)


def test_an_old_invitation_changes_no_password(cast: Any) -> None:
    guest = people.invite(viewer(cast.tom), "guest@x.example", "observer", ["court"])
    link = f"/invitations/{people.new_invitation(guest)}/"
    assert Client().get(link).status_code == 200
    guest.user.set_password(GOOD)
    guest.user.save()
    thief = {"name": "Guest", "password": "other random words", "again": "other random words"}
    page = Client().get(link).content.decode()
    assert "Sign in as" in page
    assert "password" not in page
    assert Client().post(link, thief).status_code == 403
    guest.user.refresh_from_db()
    assert guest.user.check_password(GOOD)


def test_the_cookies(priya: Any, settings: Any) -> None:
    answer = Client().post(LOGIN, {"login": priya.email, "password": GOOD})
    for name in ("sessionid", "known"):
        cookie = answer.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", ""), name
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.HTTPS = True
    client = Client()
    client.get(LOGIN, secure=True)
    answer = client.post(LOGIN, {"login": priya.email, "password": GOOD}, secure=True)
    assert all(cookie["secure"] for cookie in answer.cookies.values())
    assert {"sessionid", "known", "csrftoken"} <= set(answer.cookies)


def test_signing_out_ends_the_session_itself(priya: Any) -> None:
    client = sign_in(priya)
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    assert signed_in(stolen)
    client.post("/accounts/logout/")
    assert not signed_in(stolen)


def test_another_password_ends_the_other_sessions(priya: Any) -> None:
    here, there = sign_in(priya), sign_in(priya)
    before = here.session.session_key
    changed = {"oldpassword": GOOD, "password1": "other random words", "password2": "other random words"}
    assert here.post("/accounts/password/change/", changed).status_code == 302
    assert signed_in(here)
    assert here.session.session_key != before
    assert not signed_in(there)


def test_a_password_by_mail_ends_every_session_and_works_once(priya: Any) -> None:
    here, thief = sign_in(priya), Client()
    assert thief.post("/accounts/password/reset/", {"email": priya.email}).status_code == 302
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    page = thief.get(link, follow=True)
    form = page.redirect_chain[-1][0]
    new = {"password1": "other random words", "password2": "other random words"}
    assert thief.post(form, new).status_code == 302
    assert not signed_in(here)
    again = Client()
    page = again.get(link, follow=True)
    assert 'name="password1"' not in page.content.decode()


def test_an_account_that_is_closed_is_out_at_once(priya: Any) -> None:
    client = sign_in(priya)
    _token, secret = people.new_token(priya, "t")
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    assert caller.get("/api/v1/me").status_code == 200
    priya.is_active = False
    priya.save()
    assert not signed_in(client)
    assert caller.get("/api/v1/me").status_code == 401
    answer = Client().post(LOGIN, {"login": priya.email, "password": GOOD}, follow=True)
    assert not answer.context["user"].is_authenticated


def test_who_is_removed_is_a_stranger_with_the_next_request(cast: Any, served: Any, priya: Any) -> None:
    document = served("A", "The red van.")
    client = sign_in(priya)
    _token, secret = people.new_token(priya, "t", viewer(priya).participant)
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    page = document.current.page_set.get()
    addresses = [f"/cases/{REFERENCE}/", f"/cases/{REFERENCE}/main/A1", f"/api/v1/documents/{document.pk}"]
    addresses += [f"/api/v1/pages/{page.pk}/image?width=200", f"/api/v1/documents/{document.pk}/original"]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.streaming:
            list(answer.streaming_content)
    assert caller.get(addresses[2]).status_code == 200
    people.remove(viewer(cast.tom), viewer(priya).participant)
    for address in addresses:
        assert client.get(address).status_code == 404, address
    # A token for that case alone is good for nothing any more.
    assert caller.get(addresses[2]).status_code == 401
    assert "The red van" not in client.get("/search/?q=van").content.decode()


def test_a_session_cookie_that_was_made_up_is_nobodys(cast: Any) -> None:
    for value in ("", "x", "a" * 32, "../../etc/passwd", "\x01", "é" * 20, "a" * 5000):
        # As it comes over the wire: Python's own jar does not take all of these.
        assert not signed_in(Client(headers={"Cookie": f"sessionid={value}"})), value


# --- elsewhere ---------------------------------------------------------------------------------------
ELSEWHERE = [
    "//evil.example/", "https://evil.example/", "http:evil.example", "https:/evil.example", "///evil.example",
    "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
    " //evil.example", "http://127.0.0.1@evil.example/", "//evil.example\\@127.0.0.1/", "\x00//evil.example",
    "/%0d%0aSet-Cookie: a=b", "/\r\nX-Evil: 1", "//[::1", "http://[evil/", "\u2044\u2044evil.example",
]  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_sent_elsewhere(priya: Any, to: str) -> None:
    answers = [
        Client().post(LOGIN, {"login": priya.email, "password": GOOD, "next": to}),
        Client().post(LOGIN, {"login": priya.email, "password": GOOD}, query_params={"next": to}),
        sign_in(priya).get(LOGIN, {"next": to}),
        sign_in(priya).post("/accounts/logout/", {"next": to}),
        Client().post("/i18n/setlang/", {"language": "cy", "next": to}),
        sign_in(priya).post("/accounts/password/reset/", {"email": "x@x.example", "next": to}),
    ]
    if to.isprintable() and to.isascii():
        answers.append(Client().post("/i18n/setlang/", {"language": "cy"}, headers={"Referer": to}))
    for answer in answers:
        assert answer.status_code in (302, 400), (to, answer.status_code)
        place = answer.get("Location", "/")
        # As a browser reads it, for which a backslash is a slash.
        there = urljoin("http://testserver/accounts/", place.replace("\\", "/"))
        assert there.startswith("http://testserver/"), (to, place)
        assert not re.search(r"[\x00-\x20]", place), (to, place)
        assert not answer.has_header("X-Evil")
        assert "a" not in answer.cookies


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "a b", "[::1", ""]
)
def test_a_host_that_is_not_ours_is_refused(cast: Any, host: str) -> None:
    client = Client(headers={"Host": host}) if host else Client(SERVER_NAME="evil.example")
    for address in (LOGIN, "/api/v1/me", "/screen/", "/no/such/page/"):
        answer = client.get(address)
        assert answer.status_code in (400, 422), (address, answer.status_code)
        assert "evil.example" not in answer.content.decode()
    assert client.post("/accounts/password/reset/", {"email": cast.priya.email}).status_code == 400
    assert not mail.outbox


def test_a_link_by_mail_leads_to_us_whatever_a_proxy_header_says(priya: Any) -> None:
    client = Client(headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert client.post("/accounts/password/reset/", {"email": priya.email}).status_code == 302
    assert "evil.example" not in mail.outbox[-1].body
    assert "/accounts/password/reset/key/" in mail.outbox[-1].body


def test_a_method_is_what_it_is(cast: Any, served: Any) -> None:
    from annotations import services as notes

    document = served("A", "The red van.")
    note = notes.create(
        viewer(cast.priya), document.current.page_set.get(), kind="note", body="Mine", choice="case"
    )
    client = Client()
    client.force_login(cast.priya, backend=BACKEND)
    address = f"/api/v1/notes/{note.pk}"
    for headers in (
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
    ):
        assert client.post(address, {"_method": "DELETE"}, headers=headers).status_code == 405
        assert client.get(f"{address}?_method=DELETE", headers=headers).status_code == 200
    note.refresh_from_db()
    assert note.deleted_at is None
    assert Note.objects.count() == 1
