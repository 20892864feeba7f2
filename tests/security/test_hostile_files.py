"""Names and words of files, and what goes out by mail: they stay words."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from reportlab.pdfgen.canvas import Canvas

from casebundle.bundles.models import Bundle, Document
from casebundle.cases import people
from casebundle.cases.models import Case, User
from casebundle.evidence import intake
from tests.cast import REFERENCE, read, viewer
from tests.security import hostile
from tests.security.hostile import TAG, TEXTS

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
C, API = f"/cases/{REFERENCE}", "/api/v1"

DISPOSITION = re.compile(r"attachment; filename(\*=utf-8''[\w%.~()!'*-]+|=\"[^\"\\/\x00-\x1f]*\")")


# A name as it may stand in a header: in quotes with quotes escaped, or encoded.
DISPOSITION = re.compile(
    r"attachment; filename(?:\*=utf-8''[\w%.~()!'*-]+|=\"(?:[^\"\\/\x00-\x1f]|\\[\"\\])*\")"
)


def test_file_names_and_the_words_of_a_pdf_stay_words(cast: Any, served: Any) -> None:
    client = Client()
    client.force_login(cast.priya, backend=BACKEND)
    for n, (text, value) in enumerate(TEXTS.items()):
        name = f"{value[:120]}.pdf"
        document = served("J", f"Page {n} {TAG}", name=name)
        for address in (
            f"{API}/documents/{document.pk}/original",
            f"{API}/documents/{document.pk}/pdf",
            f"{API}/documents/{document.pk}",
            f"/documents/{document.pk}/receipt/",
            f"/documents/{document.pk}/edit/",
        ):
            response = client.get(address)
            assert response.status_code == 200, (text, address)
            assert not hostile.made(response), (text, address)
            told = response.headers.get("Content-Disposition", "")
            if address.endswith("original"):
                assert DISPOSITION.fullmatch(told), told
        kept = Document.objects.get(pk=document.pk).current.name
        assert kept.isprintable() or "\u200d" in kept
        assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069/\\]", kept), kept
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle(TAG)
    canvas.setAuthor(TAG)
    for line, text in enumerate([TAG, f"WITNESS STATEMENT of {TAG}", "</script>", "{{ zz7 }} zebra"]):
        canvas.drawString(72, 760 - 20 * line, text)
    canvas.save()
    bundle = Bundle.objects.get(case__reference=REFERENCE, slug="main")
    document = read(intake.receive(viewer(cast.priya), bundle, "K", "x.pdf", [out.getvalue()], serve=True))
    page = document.current.page_set.get()
    for address in (
        f"{C}/main/",
        f"{C}/main/K1",
        "/search/?q=zebra",
        f"{C}/journal/",
        f"{C}/",
        f"{C}/main/pages.json",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert not hostile.made(response), address
    assert "zebra" in client.get(f"{API}/pages/{page.pk}/text").json()["text"]
    assert b"zebra" in client.get("/search/?q=zebra").content


def test_emails_say_what_was_written_and_no_more(cast: Any, mailoutbox: Any) -> None:
    crlf = "zz\r\nBcc: everybody@x.example\r\n\r\n<zz7>"
    Case.objects.update(title=crlf[:200])
    User.objects.filter(pk=cast.tom.pk).update(name=crlf)
    tom = User.objects.get(pk=cast.tom.pk)
    people.invite(viewer(tom), "new@x.example", "observer", ["court"], f"New {crlf}")
    for _sids, callback, _robust in connection.run_on_commit:
        callback()
    assert mailoutbox
    for one in mailoutbox:
        message = one.message()
        assert one.recipients() == ["new@x.example"]
        assert "Bcc" not in message
        assert "\n" not in one.subject
        assert message.get_content_type() == "text/plain"
    with pytest.raises(Exception, match=r"(?i)e-mail|adres"):
        people.invite(viewer(tom), "a@x.example\nBcc: b@x.example", "observer", ["court"])
