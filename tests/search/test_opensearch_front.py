"""OpenSearch behind TLS and a password, and behind somebody who takes little at a time: nginx in front of it."""

from __future__ import annotations

import datetime
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from io import StringIO
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from scripts import needs, services
from search import opensearch as module
from search.engine import IndexDamaged, SearchError
from search.engines import engine
from tests.search import opensearch_server
from tests.search.contract import doc, fill, pages_of
from tests.search.opensearch_server import an_engine

pytestmark = pytest.mark.needs("nginx")

Front = Callable[..., int]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem and key.pem of 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder


@pytest.fixture
def front(tmp_path: Path, certificate: Path) -> Iterator[Front]:
    """front(more, tls=True) -> the port of an nginx before OpenSearch; more: lines of its configuration."""
    running: list[subprocess.Popen[bytes]] = []
    (tmp_path / "people").write_text("court:{PLAIN}p@ss/w%rd\n")

    def start(more: str = "", *, outside: str = "", tls: bool = True) -> int:
        port = services.free_port()
        places = " ".join(
            f"{name}_temp_path {tmp_path}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        guard = (
            f"ssl_certificate {certificate}/cert.pem; ssl_certificate_key {certificate}/key.pem; "
            f'auth_basic "search"; auth_basic_user_file {tmp_path}/people;'
            if tls
            else ""
        )
        config = tmp_path / f"nginx-{port}.conf"
        config.write_text(
            f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
            "events { worker_connections 64; }\n"
            f"http {{ access_log off; {places} {outside}\n"
            f"server {{ listen 127.0.0.1:{port}{' ssl' if tls else ''}; {guard} {more}\n"
            f'location / {{ proxy_pass {opensearch_server.url()}; proxy_set_header Authorization ""; }} }} }}\n'
        )
        program = needs.find("nginx")
        assert program is not None
        process = subprocess.Popen([program, "-e", str(tmp_path / "error.log"), "-c", str(config)])
        running.append(process)
        until = time.monotonic() + 20
        while not services.listens(port):
            assert process.poll() is None, (tmp_path / "error.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.02)
        return port

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


def test_tls_and_a_password(front: Front, certificate: Path) -> None:
    url = f"https://court:p%40ss%2Fw%25rd@127.0.0.1:{front()}"
    with an_engine(url=url, ca_file=str(certificate / "cert.pem")) as made:
        fill(made, [doc("p", "knife")])
        assert pages_of(made, "knife") == {"p"}
        made.check(deep=True)


@pytest.mark.parametrize(
    ("who", "known", "says"),
    [
        ("court:wrong@", True, "refuses the user or the password"),
        ("", True, "refuses the user or the password"),
        ("court:p%40ss%2Fw%25rd@", False, "certificate that is not known here"),
    ],
)
@pytest.mark.django_db
def test_health_says_what_is_wrong(front: Front, certificate: Path, who: str, known: bool, says: str) -> None:
    with override_settings(
        OPENSEARCH_URL=f"https://{who}127.0.0.1:{front()}",
        OPENSEARCH_CA_FILE=str(certificate / "cert.pem") if known else "",
    ):
        engine.cache_clear()
        try:
            with pytest.raises(SearchError, match=says) as said:
                engine().check()
            assert not isinstance(said.value, IndexDamaged)
            with pytest.raises(CommandError):
                call_command("health", stdout=(told := StringIO()))
        finally:
            engine().close()
            engine.cache_clear()
    assert "WRONG  search index: " in told.getvalue()
    assert says in told.getvalue()
    assert "wrong@" not in told.getvalue()
    assert "p%40ss" not in told.getvalue()


def test_the_name_in_a_certificate_is_checked(front: Front, certificate: Path) -> None:
    url = f"https://court:p%40ss%2Fw%25rd@localhost:{front()}"
    made = module.OpenSearchEngine(url, ca_file=str(certificate / "cert.pem"))
    with pytest.raises(SearchError, match="certificate"):
        made.check()


def test_requests_that_are_too_large_are_made_smaller(front: Front) -> None:
    """What stands before a server takes a megabyte where nobody said otherwise; here even less."""
    port = front("client_max_body_size 8k;", tls=False)
    with an_engine(url=f"http://127.0.0.1:{port}") as made:
        words = [f"w{os.urandom(6).hex()}" for _ in range(400)]  # what does not get smaller by compression
        fill(made, [doc(f"p{n}", "knife " + " ".join(words[n : n + 40])) for n in range(200)])
        assert made.count() == 200
        # One page that will not go in one request: as far as it goes, rather than holding up all after it.
        fill(
            made,
            [
                doc("long", "knife " + " ".join(os.urandom(8).hex() for _ in range(2000))),
                doc("next", "spoon"),
            ],
        )
        assert pages_of(made, "spoon") == {"next"}
        assert made.count() == 202
        assert "long" in pages_of(made, "knife")


def test_too_much_at_once_is_given_time(front: Front) -> None:
    """A server that says 429 is asked again, later and for less; nothing is lost."""
    outside = "limit_req_zone $server_name zone=few:32k rate=5r/s; limit_req_status 429;"
    port = front("limit_req zone=few burst=2 nodelay;", outside=outside, tls=False)
    with an_engine() as straight, an_engine(url=f"http://127.0.0.1:{port}") as made:
        straight._open()
        made.alias = straight.alias
        made._piece = 2000
        made.index([doc(f"p{n}", f"knife word{n}") for n in range(30)])
        batch = made._batch
        assert batch is not None
        assert batch.targets.current is not None
        made._write_into(batch, batch.targets.current, [])
        assert straight.count() == 30


def test_too_much_for_too_long_is_an_error_and_nothing_is_lost(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    port = front("location ~ _bulk { return 429; }", tls=False)
    with an_engine(url=f"http://127.0.0.1:{port}") as made:
        made.index([doc("p", "knife")])
        with pytest.raises(SearchError, match="too much to do"):
            made.commit()
        made.check()
        assert pages_of(made, "knife") == set()


def test_a_full_disk_is_said() -> None:
    with an_engine() as made:
        fill(made, [doc("p", "knife")])
        name = made._open().current
        made._ask("PUT", f"/{name}/_settings", body={"index.blocks.read_only_allow_delete": True})
        made.index([doc("q", "knife")])
        with pytest.raises(SearchError, match="disk full"):
            made.commit()
        assert pages_of(made, "knife") == {"p"}  # what is there is found
        made._ask("PUT", f"/{name}/_settings", body={"index.blocks.read_only_allow_delete": None})
        fill(made, [doc("q", "knife")])
        assert pages_of(made, "knife") == {"p", "q"}
