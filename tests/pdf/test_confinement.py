"""A child that a file has taken over finds nothing, whoever runs it; and a machine that cannot confine says so."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casebundle.pdf import Limits, Sandbox, confinement, sandbox
from casebundle.pdf.confinement import NotConfined, Walls
from tests.pdf import hostile
from tests.pdf.corpus import text_pdf

ROOT = Path(__file__).resolve().parents[2]


def image_user() -> int:
    """As the Dockerfile says."""
    [user] = set(re.findall(r"^USER (\d+):\1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    return int(user)


def as_user(uid: int) -> list[str]:
    """What to write before a command so that this user runs it, even where our Python is in root's own folder."""
    line = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    base = Path(sys.base_prefix)
    closed = next((folder for folder in reversed(base.parents) if not folder.stat().st_mode & 1), None)
    if closed is None:
        return line
    # In a name space of its own that folder is an empty one, with our Python in its place.
    script = (
        f"set -e; mount --bind {base} /mnt; mount -t tmpfs -o mode=0755 none {closed}; mkdir -p {base}; "
        f'mount --move /mnt {base}; exec "$@"'
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *line]


def run(uid: int | None, *arguments: str) -> dict[str, Any]:
    if uid is not None and os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    done = subprocess.run(
        [
            *(as_user(uid) if uid is not None else []),
            sys.executable,
            "-B",
            "-m",
            "tests.pdf.hostile",
            *arguments,
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": hostile.SECRET},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert uid in (None, found["uid"])
    return found


@pytest.mark.parametrize("uid", [None, 65534, image_user()], ids=["as we are", "nobody", "the image's user"])
def test_hostile_code_in_the_place_of_the_parser_finds_nothing(uid: int | None) -> None:
    found = run(uid)
    assert found["walls"] == "full"
    assert {name: said for name, said in found["found"].items() if said[0] != "refused"} == {}
    assert set(found["found"]) == set(hostile.ATTEMPTS)
    assert {name: said for name, said in found["deadly"].items() if said[0] != "died"} == {}
    assert found["untouched"]


def test_without_walls_the_same_code_finds_it() -> None:
    """Otherwise the test above would say nothing."""
    found = run(65534 if os.getuid() == 0 else None, "--unconfined")
    assert {name: said for name, said in found["found"].items() if said[0] != "got"} == {}
    assert hostile.SECRET in found["found"]["the server's environment"][1]
    assert hostile.SECRET in found["found"]["a secret in the data folder"][1]
    assert not found["untouched"]


# --- nothing of one file is left for the next ----------------------------------------------------
SCAN = """
taken = sorted(
    ([int(n, 16) for n in line.split()[0].split("-")], line.split()[1], line.split()[-1])
    for line in open("/proc/self/maps")
)
libc.sbrk.restype = ctypes.c_void_p
heap = libc.sbrk(0)
masks = 14 if os.uname().machine == "x86_64" else 135  # rt_sigprocmask
def readable(page):
    # The kernel reads the signals there before it sees that it cannot do with them what is asked (EINVAL).
    found = libc.syscall(masks, 99, ctypes.c_void_p(page), None, 8)
    return ctypes.get_errno() == 22
def spaces():
    \"\"\"Of memory that may be written to: what was there before the fork, the heap, and what was mapped since, which
    lies in the gaps and below.\"\"\"
    yield from (space for space, rights, name in taken if rights.startswith("rw") and name != "[stack]")
    yield heap, libc.sbrk(0)
    high = [space for space, _rights, name in taken if space[0] > heap and not name.startswith("[")]
    ends = [high[0][0] - (64 << 20), *(end for _start, end in high)]
    for gap, until in zip(ends, [start for start, _end in high]):
        if until - gap <= 64 << 20:
            for page in range(gap, until, 4096):
                if readable(page):
                    yield page, page + 4096
"""
# It never has the words themselves in hand, or it would find its own.
LOOK = """
backwards = t['backwards'].encode()
found = []
for start, end in spaces():
    if any(not readable(page) for page in range(start, end, 4096)):
        continue
    data = ctypes.string_at(start, max(0, end - start))
    at = -1
    while (at := data.find(backwards[:-7:-1], at + 1)) >= 0:
        if all(data[at + n : at + n + 1] == backwards[-1 - n : len(backwards) - n] for n in range(len(backwards))):
            found.append(start + at)
if not found:
    raise OSError(2, 'nothing')
return found
"""


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one.pdf", tmp_path / "other.pdf"
    one.write_bytes(text_pdf(["Privileged advice about Bates"]))
    other.write_bytes(text_pdf(["Something else"]))
    return one, other


def test_nothing_of_a_file_is_in_the_memory_of_the_child_of_the_next(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The hostile answer stands beside the usual ones, which read the file.
    prepare = hostile.PREPARE.replace(
        "reading.Reader.answer = answer",
        # As a library does that keeps what it has seen.
        "kept = []\nread = reading.read_page\n"
        "reading.read_page = lambda *about: kept.append(read(*about)) or kept[-1]\n"
        "usual = reading.Reader.answer\n"
        "def either(self, request):\n    return (answer if request['op'] == 'hostile' else usual)(self, request)\n"
        "reading.Reader.answer = either",
    )
    monkeypatch.setattr(sandbox, "START", hostile.start_with(prepare + SCAN))
    targets = {"backwards": "Privileged advice about Bates"[::-1]}
    with Sandbox() as box:
        for path, left in ((two[0], "got"), (two[1], "refused"), (two[0], "got"), (two[1], "refused")):
            [page] = box.read(path)
            box.render(path, 0, 400)
            assert hostile.tried(box, path, {"look": LOOK}, targets)["look"][0] == left
            del page


def test_each_file_has_a_child_of_its_own(two: tuple[Path, Path]) -> None:
    with Sandbox() as box:
        seen = []
        for path in (two[0], two[0], two[1], two[0]):
            box.inspect(path)
            list(box.read(path))
            seen += box.pids
            two[1].write_bytes(text_pdf([f"Written anew {len(seen)}"]))
        assert seen[0] == seen[1]
        assert len(set(seen)) == 3
        # Those that are done with are gone, not only not asked any more.
        assert [pid for pid in set(seen) if Path(f"/proc/{pid}").exists()] == [seen[-1]]


def test_a_file_draws_the_same_whatever_was_drawn_before(tmp_path: Path) -> None:
    """A font that is not there is made from another one, whose weight pdfium keeps for whoever comes next."""
    import pikepdf

    def written(name: str, base: str, width: int) -> Path:
        pdf = pikepdf.new()
        page = pdf.add_blank_page(page_size=(300, 60))
        about = pikepdf.Dictionary(
            *(),
            Type=pikepdf.Name.FontDescriptor,
            FontName=pikepdf.Name(f"/{base}"),
            Flags=32,
            ItalicAngle=0,
            Ascent=800,
            Descent=-200,
            CapHeight=700,
            StemV=width,
            FontBBox=[0, -200, 1000, 800],
        )
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.TrueType,
            BaseFont=pikepdf.Name(f"/{base}"),
            Encoding=pikepdf.Name.WinAnsiEncoding,
            FontDescriptor=pdf.make_indirect(about),
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.obj.Contents = pikepdf.Stream(pdf, b"BT /F 20 Tf 10 20 Td (Hello World 123) Tj ET")
        pdf.save(tmp_path / name)
        return tmp_path / name

    thin, thick = written("thin.pdf", "Unknown", 40), written("thick.pdf", "Unheard-Bold", 200)
    with Sandbox() as alone:
        first = alone.render(thin, 0, 600)
    with Sandbox() as box:
        box.render(thick, 0, 600)
        assert box.render(thin, 0, 600) == first


# --- what pdfium loads while it works ------------------------------------------------------------
def test_fonts_of_the_machine_are_drawn_with(tmp_path: Path) -> None:
    """The same picture as pdfium draws that may open any file."""
    from casebundle.pdf import fonts

    there = [path for path in fonts.files() if path.name == "DejaVuSans-Bold.ttf"]
    if not there:
        pytest.skip("fonts-dejavu-core is not here: apt-get install fonts-dejavu-core")
    path = tmp_path / "file.pdf"
    path.write_bytes(text_pdf(["Hello World"]).replace(b"/Helvetica", b"/DejaVuSansBold"))
    assert b"/DejaVuSansBold" in path.read_bytes()
    bare = (
        "import io, sys, pypdfium2 as p; from PIL import Image; from pypdfium2 import raw\n"
        "{before}\n"
        "page = p.PdfDocument(sys.argv[1])[0]\n"
        "image = page.render(scale=600 / page.get_width(), rev_byteorder=True).to_pil()\n"
        "sys.stdout.buffer.write(image.convert('L').tobytes())"
    )

    def drawn(before: str) -> bytes:
        line = [sys.executable, "-c", bare.format(before=before), str(path)]
        return subprocess.run(line, capture_output=True, check=True).stdout

    free = drawn("")
    # pdfium without the machine's fonts draws otherwise: it is that font which is seen.
    assert drawn("raw.FPDF_SetSystemFontInfo(None)") != free
    import io

    from PIL import Image

    with Sandbox() as box:
        ours = Image.open(io.BytesIO(box.render(path, 0, 600, quality=100))).convert("L").tobytes()
    assert len(ours) == len(free)
    assert max(abs(a - b) for a, b in zip(ours, free, strict=True)) < 12  # a JPEG's own


# --- a machine that cannot -----------------------------------------------------------------------
@pytest.fixture
def asked() -> Iterator[Callable[[confinement.Demand], None]]:
    before = confinement.demanded()
    yield confinement.demand
    confinement.demand(before)


WITHOUT = {
    "seccomp": "def no(*_):\n    raise OSError(38, 'Function not implemented')\nconfinement.filter_calls = no",
    "Landlock": "confinement.landlock_version = lambda: 0",
}


@pytest.mark.parametrize("wall", WITHOUT)
def test_where_a_wall_is_missing_no_file_is_opened_unless_that_was_asked_for(
    two: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    asked: Callable[[confinement.Demand], None],
    wall: str,
) -> None:
    mark = two[0].with_suffix(".opened")
    monkeypatch.setattr(
        sandbox, "START", hostile.start_with(f"from casebundle.pdf import confinement\n{WITHOUT[wall]}")
    )
    asked("required")
    with Sandbox() as box:
        for _ in range(2):
            with pytest.raises(NotConfined, match=f"without confinement: {wall}") as refused:
                box.inspect(two[0])
            # The machine's fault: the file waits, and does not count it.
            assert refused.value.errno == errno.EPERM
        assert box.pids == []
        asked("best-effort")
        assert box.inspect(two[0]).pages
        [page] = box.read(two[0])
        assert page.text
        asked("external")
        assert box.inspect(two[1]).pages
    assert not mark.exists()


def test_what_is_asked_for_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="required, best-effort, external"):
        confinement.demand("off")  # type: ignore[arg-type]


def test_until_something_else_is_said_both_walls_are_asked_for() -> None:
    line = "from casebundle.pdf import confinement; print(confinement.demanded())"
    done = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "required"


def test_the_level_is_full_with_two_walls_alone() -> None:
    assert Walls(True, 7).level == Walls(True, 0, True).level == "full"
    assert Walls(True).level == Walls(False, 7).level == Walls(False, 0, True).level == "partial"
    assert Walls().level == "none"


@pytest.mark.needs("bwrap")
def test_where_landlock_is_missing_bubblewrap_is_the_second_wall(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, asked: Callable[[confinement.Demand], None]
) -> None:
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    # The same kernel in the child, where it is to be missing too. What stands is looked at before the second wall.
    code = (
        "from casebundle.pdf import confinement\nimport os\nconfinement.landlock_version = lambda: 0\n"
        "seen = [os.path.exists(p) for p in ('/etc/passwd', '/home', '/srv', '/proc/1', '/var')]\n"
        "lines = len(os.listdir('/sys/class/net')) if os.path.exists('/sys') else 0\n"
        "reading.Reader.answer = lambda self, request: iter([({'kind': 'seen', 'seen': [*seen, lines]}, b'')])"
    )
    monkeypatch.setattr(sandbox, "START", hostile.start_with(code))
    asked("required")
    with Sandbox() as box:
        [seen] = box._ask(two[0], "look", lambda header, _: header["seen"])
        assert seen == [False, False, False, False, False, 0]
        [child] = box._idle
        assert child.walls == Walls(True, 0, True)
        [pid] = box.pids
    assert not Path(f"/proc/{pid}").exists()


# --- the two walls by themselves -----------------------------------------------------------------
def verdict(program: bytes, arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would make of a call: the few instructions of BPF that `assemble` writes."""
    data = struct.pack(
        "=iIQ6Q",
        number - (1 << 32) if number >> 31 else number,
        arch,
        0,
        *arguments,
        *[0] * (6 - len(arguments)),
    )
    lines = list(struct.iter_unpack("=HBBI", program))
    at = word = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("=I", data, value)
            case 0x15:
                at += yes if word == value else no
            case 0x35:
                at += yes if word >= value else no
            case 0x45:
                at += yes if word & value else no
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(code)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_list_of_calls(machine: str) -> None:
    allow, deny, kill = 0x7FFF0000, 0x00050001, 0x80000000
    program = confinement.assemble(confinement.parser_calls(), machine)
    arch = confinement.AUDIT_ARCH[machine]
    column = 0 if machine == "x86_64" else 1
    numbers = {name: both[column] for name, both in confinement.CALLS.items() if both[column] is not None}

    def asked(name: str, *arguments: int) -> int:
        return verdict(program, arch, numbers[name], arguments)

    conditional = {"mmap", "mprotect", "fcntl", "prlimit64", "tgkill"}
    for name in numbers.keys() - conditional:
        assert asked(name) == allow, name
    for number in set(range(600)) - set(numbers.values()):
        assert verdict(program, arch, number) == deny, number
    for name in ("mmap", "mprotect"):
        for protection in range(16):
            assert asked(name, 0, 4096, protection) == (deny if protection & 4 else allow)
    assert asked("fcntl", 5, 1030) == allow
    assert {asked("fcntl", 5, command) for command in (0, 2, 4, 1031, 1030 + (1 << 32))} == {deny}
    assert asked("prlimit64", 0) == allow
    assert {asked("prlimit64", pid) for pid in (1, os.getpid(), 1 << 32)} == {deny}
    assert asked("tgkill", os.getpid(), 99, 6) == allow
    assert {asked("tgkill", os.getpid(), 99, sign) for sign in (0, 9, 15)} == {deny}
    assert asked("tgkill", os.getpid() + 1, 99, 6) == deny
    assert {verdict(program, arch, 0x40000000 + number) for number in range(600)} == {kill}
    others = {0x40000003, 0x40000028, 0xC000003E, 0xC00000B7, 0} - {arch}
    assert {verdict(program, other, number) for other in others for number in range(600)} == {kill}


def forked(work: Callable[[], None]) -> int:
    """The exit code of `work` in a process of its own: 0 where it ends without an exception."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_landlock_opens_what_is_named_and_nothing_else(tmp_path: Path) -> None:
    """For programs that must open files by name: converters, OCR."""
    if not confinement.landlock_version():
        pytest.skip("this kernel has no Landlock")
    for name in ("in", "out", "else"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    true = shutil.which("true")
    assert true

    def refused(act: Callable[[], object]) -> None:
        try:
            act()
        except PermissionError:
            return
        raise AssertionError

    def work() -> None:
        confinement.restrict_files(
            read=[tmp_path / "in"], write=[tmp_path / "out"], execute=["/usr", "/lib", "/lib64", "/bin"]
        )
        assert (tmp_path / "in" / "file").read_text() == "in"
        (tmp_path / "out" / "new").write_text("new")
        subprocess.run([true], check=True, stdin=subprocess.PIPE)
        refused(lambda: (tmp_path / "in" / "new").write_text(""))
        refused((tmp_path / "else" / "file").read_text)
        refused(lambda: list(tmp_path.iterdir()))
        refused(Path("/etc/passwd").read_text)
        if confinement.landlock_version() >= 4:
            refused(lambda: socket.create_connection(("127.0.0.1", 9), 1))

    (tmp_path / "out").chmod(0o777)
    tmp_path.chmod(0o755)
    assert forked(work) == 0
    assert (tmp_path / "out" / "new").read_text() == "new"


# --- nobody else opens files ---------------------------------------------------------------------
# Libraries that take files apart; what the child uses and what might come.
PARSERS = (
    *("pikepdf", "pypdfium2", "pypdfium2_raw", "pypdf", "pdfplumber", "pdfminer", "fitz", "PIL", "reportlab"),
    *(
        "lxml",
        "docx",
        "openpyxl",
        "pptx",
        "odf",
        "cv2",
        "pillow_heif",
        "av",
        "mutagen",
        "extract_msg",
        "pytesseract",
    ),
)
# The demo case is made by us, of our own words; nothing that was sent is opened there.
OURS = (
    *(f"casebundle/pdf/{name}.py" for name in ("reading", "fonts", "reading_copy", "copier", "layers")),
    "casebundle/demo/",
)


def test_no_module_but_the_childs_imports_what_parses() -> None:
    import ast

    found = []
    for folder in ("casebundle", "search", "annotations"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text())):
                modules = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else []
                )
                if {module.partition(".")[0] for module in modules} & set(PARSERS):
                    found.append(name)
    assert [name for name in found if not name.startswith(OURS)] == []
    assert "casebundle/pdf/reading.py" in found, "the test sees imports"


def test_a_server_and_a_worker_have_not_loaded_them() -> None:
    code = (
        "import json, sys, django; django.setup(); import casebundle.asgi, casebundle.urls;"
        "from casebundle.evidence.management.commands import worker; from casebundle.evidence import process, sweep;"
        "from django.urls import get_resolver; len(get_resolver().url_patterns);"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "casebundle.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "casebundle" in loaded
    assert loaded & set(PARSERS) == set()


def test_the_limits_stand_around_the_child_too(two: tuple[Path, Path]) -> None:
    with Sandbox(Limits(memory=500 * 1024**2)) as box:
        box.inspect(two[0])
        [pid] = box.pids
        status = Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
        assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)
        for kind in ("Inh", "Prm", "Eff", "Amb"):
            assert re.search(rf"^Cap{kind}:\t0+$", status, re.MULTILINE)
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max processes +0 +0 ", limits, re.MULTILINE)
        assert os.getpgid(pid) == pid
        # Root's, whoever runs it: not even another process of the same user may look into it.
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
