"""The people of every test, two cases of theirs, and evidence that is really taken in, read, served and found.

R v Bates and Doyle (T20267001): Priya prosecutes, Daniel defends Bates, Mari defends Doyle, Ruth sits, Tom is her
clerk. Sam is a solicitor in another case (T20267002), of which nobody else is a part but Tom.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings
from reportlab.pdfgen.canvas import Canvas

REFERENCE = "T20267001"
OTHER = "T20267002"


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Files and search index of this test process alone; the database is its own already."""
    from django.conf import settings

    from search.engines import engine
    from tests import bucket
    from tests.search import opensearch_server

    folder = tmp_path_factory.mktemp("data")
    (folder / "tmp").mkdir()
    storages = {**settings.STORAGES, "default": {**settings.STORAGES["default"]}}
    own = None
    if os.environ.get("STORAGE_URL"):
        own = bucket.make()
        storages["default"]["OPTIONS"] = {**storages["default"]["OPTIONS"], "bucket_name": own.name}
    else:
        storages["default"]["OPTIONS"] = {**storages["default"]["OPTIONS"], "location": folder / "files"}
    prefix = f"test-{secrets.token_hex(4)}"
    caches = {"default": {**settings.CACHES["default"], "KEY_PREFIX": prefix}}
    with override_settings(
        CACHES=caches,
        STORAGES=storages,
        SEARCH_DIR=folder / "search",
        FILE_UPLOAD_TEMP_DIR=folder / "tmp",
        OPENSEARCH_INDEX=prefix,
    ):
        engine.cache_clear()
        yield folder
        engine().close()
        if settings.OPENSEARCH_URL:
            opensearch_server.sweep(prefix)
        if own is not None:
            bucket.remove(own)
        engine.cache_clear()


@pytest.fixture
def embedded_search() -> Iterator[None]:
    """Search in a folder, whatever else is set up: for what only a folder can suffer."""
    from search.engines import engine

    with override_settings(OPENSEARCH_URL=""):
        engine.cache_clear()
        yield
        engine().close()
    engine.cache_clear()


def pdf(pages: Sequence[str] = ("One page.",), size: tuple[float, float] = (595, 842)) -> bytes:
    """A small PDF with these texts, one a page; an empty text makes a blank page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=True)
    for text in pages:
        canvas.setFont("Helvetica", 12)
        for at, line in enumerate(text.split("\n")):
            canvas.drawString(72, size[1] - 72 - at * 16, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True)
class Cast:
    priya: Any
    daniel: Any
    mari: Any
    ruth: Any
    tom: Any
    sam: Any
    case: Any
    other_case: Any

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@pytest.fixture
def cast(db: None) -> Cast:
    from casebundle.bundles import services
    from casebundle.cases import people
    from casebundle.cases.models import User

    def user(name: str, email: str, **more: Any) -> Any:
        return User.objects.create_user(email, name=name, **more)

    priya = user("Priya Shah", "priya.shah@cps.example")
    daniel = user("Daniel Okafor", "daniel.okafor@chambers.example")
    mari = user("Mari Llwyd", "mari.llwyd@siambrau.example", language="cy")
    ruth = user("HHJ Ruth Adler", "ruth.adler@judiciary.example")
    tom = user("Tom Price", "tom.price@court.example", is_court_staff=True)
    sam = user("Sam Weir", "sam.weir@solicitors.example")
    court = "Crown Court at Leeds"
    defendants = [("bates", "Marcus Bates"), ("doyle", "Kieran Doyle")]
    case = services.create_case(tom, REFERENCE, "R v Bates and Doyle", court, parties=defendants).case
    other = services.create_case(tom, OTHER, "R v Field", court, parties=[("field", "Ann Field")]).case
    people.join(case, priya, "prosecution", ["prosecution"])
    people.join(case, daniel, "defence", ["bates"])
    people.join(case, mari, "defence", ["doyle"])
    people.join(case, ruth, "judge", ["court"])
    people.join(other, sam, "defence", ["field"])
    return Cast(priya, daniel, mari, ruth, tom, sam, case, other)


@pytest.fixture
def case(cast: Cast) -> Any:
    return cast.case


@pytest.fixture
def priya(cast: Cast) -> Any:
    return cast.priya


@pytest.fixture
def daniel(cast: Cast) -> Any:
    return cast.daniel


@pytest.fixture
def mari(cast: Cast) -> Any:
    return cast.mari


@pytest.fixture
def ruth(cast: Cast) -> Any:
    return cast.ruth


@pytest.fixture
def tom(cast: Cast) -> Any:
    return cast.tom


@pytest.fixture
def sam(cast: Cast) -> Any:
    return cast.sam


def viewer(user: Any, reference: str = REFERENCE) -> Any:
    """The Viewer of a user in a case."""
    from casebundle.cases import access

    return access.viewer_in(user, reference=reference)


def just_signed_in(client: Any, user: Any) -> Any:
    """`client`, signed in as if with the password a moment ago: `force_login` knows of no password."""
    import time

    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def read(document: Any) -> Any:
    """Do what the worker would: read every version of a document, serve it where that was asked for, index it."""
    from casebundle.bundles.models import Document
    from casebundle.evidence.process import process
    from search.indexing import index_due

    for version in document.versions.order_by("number"):
        process(version.pk)
    index_due()
    return Document.objects.select_related("case", "section__bundle", "current").get(pk=document.pk)


Served = Callable[..., Any]


@pytest.fixture
def served(cast: Cast) -> Served:
    """served("H", "page one", "page two", by=priya, visible_to=["bates"]) -> the Document, served and findable."""

    def take(
        section: str,
        *texts: str,
        by: Any = None,
        reference: str = REFERENCE,
        bundle: str = "main",
        name: str = "document.pdf",
        serve: bool = True,
        **more: Any,
    ) -> Any:
        from casebundle.bundles.models import Bundle
        from casebundle.evidence import intake

        found = Bundle.objects.get(case__reference=reference, slug=bundle)
        who = viewer(by or cast.priya, reference)
        data = pdf(texts or ("One page.",))
        return read(intake.receive(who, found, section, name, [data], serve=serve, **more))

    return take


@pytest.fixture
def staged(served: Served) -> Served:
    """As `served`, but ready and not served yet."""
    return lambda section, *texts, **more: served(section, *texts, serve=False, **more)
