"""Every odd file ends ready or refused, the sandbox lives on, and nothing it answers is trusted."""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from casebundle.pdf import Interrupted, Limits, Refused, Sandbox, fonts, sandbox
from tests.pdf import corpus as odd
from tests.pdf import hostile

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def box():
    with Sandbox(Limits(seconds=8)) as shared:
        yield shared


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> dict[str, odd.Case]:
    return {case.name: case for case in odd.corpus(tmp_path_factory.mktemp("corpus"))}


NAMES = [name for name, *_ in odd._makers] + [f"not-a-pdf-{Path(name).stem}" for name, *_ in odd.NOT_PDFS]


def outcome(box: Sandbox, path: Path, out: Path) -> tuple[str, list]:
    try:
        inspection = box.prepare(path, out)
        assert inspection.repaired == out.exists()
        copy = out if inspection.repaired else path
        pages = list(box.read(copy))
        assert [(p.width, p.height) for p in pages] == [(p.width, p.height) for p in inspection.pages]
        for index in range(min(3, len(pages))):
            assert box.render(copy, index, 400).startswith(b"\xff\xd8")
    except Refused as refused:
        assert not out.exists()
        return refused.code, [refused.detail]
    return odd.READY, pages


@pytest.mark.parametrize("name", NAMES)
def test_every_odd_file_ends_ready_or_refused(box, cases, tmp_path, name):
    case = cases[name]
    started = time.monotonic()
    result, pages = outcome(box, case.path, tmp_path / "copy.pdf")
    assert result in ({case.expected} if isinstance(case.expected, str) else case.expected)
    assert time.monotonic() - started < 12
    assert box.peak_memory < 1024 * MIB
    if result == odd.READY:
        for page in pages:
            assert page.text.split() == [w[4] for w in page.words]
            assert page.text.isprintable() or set(page.text) - set("\n") == set(
                filter(str.isprintable, page.text)
            )
            assert page.blank + page.images_only + bool(page.words) == 1
    else:
        assert pages[0].endswith(".")
    # and the next file is none the worse
    result, pages = outcome(box, cases["plain"].path, tmp_path / "next.pdf")
    assert result == odd.READY
    assert pages[0].text.startswith("WITNESS STATEMENT\nStatement of: John SMITH")


TEXTS = {
    "ligatures": "The office of the floor manager affects efficient staff",
    "right-to-left": "לכל שלום",
    "welsh": "DATGANIAD TYST\nTŷ Ŵyn, dŵr, ŷd, Ŷnys, gêm, tân, môr",
    "hyphens": "I gave my state-\nment to the officer",
    "hidden-characters": "safe word plain",
    "beyond-the-basic-plane": "𝔸 first 𝔸x𝔸 second third",
    "type3-font": "ABBA",
    "invisible-text-layer": "Recognised words",
    "form": "Surname of the witness\nHargreaves",
    "form-without-appearances": "Hello from the witness\nHargreaves",
    "comment-on-the-page": "Hello from the witness\nRedirected",
    "stamped-scan": "B12",
    "scan": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_text(box, cases, name):
    [page] = box.read(cases[name].path)
    assert page.text == TEXTS[name]


@pytest.mark.parametrize(
    ("name", "blank", "images_only", "pictures"),
    [
        ("no-contents", True, False, 0),
        ("white-marks-only", True, False, 0),
        ("lines-only", False, True, 0),
        ("scan", False, True, 1),
        ("stamped-scan", False, False, 1),
        ("plain", False, False, 0),
    ],
)
def test_what_awaits_ocr(box, cases, name, blank, images_only, pictures):
    page = next(iter(box.read(cases[name].path)))
    assert (page.blank, page.images_only, page.pictures) == (blank, images_only, pictures)


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("plain", []),
        ("javascript", ["javascript"]),
        ("launch", ["launch"]),
        ("attachments", ["attachments"]),
        ("form", ["form"]),
        ("encrypted-without-user-password", ["was_encrypted"]),
    ],
)
def test_warnings(box, cases, name, warnings):
    assert box.inspect(cases[name].path).warnings == warnings


def test_a_title_is_cleaned(box, cases):
    title = box.inspect(cases["long-title"].path).title
    assert title == odd.LONG_TITLE.strip()


def test_pages_are_not_lost_where_the_count_is_too_low(box, cases, tmp_path):
    out = tmp_path / "out.pdf"
    inspection = box.prepare(cases["count-too-small"].path, out)
    assert inspection.repaired
    assert len(inspection.pages) == len(list(box.read(out))) == 4


@pytest.mark.parametrize("name", ["truncated", "wrong-count", "count-too-small", "much-junk-before-header"])
def test_inspect_refuses_what_only_a_repair_opens(box, cases, name):
    with pytest.raises(Refused) as refused:
        box.inspect(cases[name].path)
    assert refused.value.code == "broken"


def test_20000_pages_are_refused_with_the_numbers(box, cases):
    box.inspect(cases["plain"].path)
    with pytest.raises(Refused) as refused:
        box.inspect(cases["20000-pages"].path)
    assert refused.value.code == "too_many_pages"
    assert "20000 pages" in refused.value.detail
    assert "10000" in refused.value.detail


@pytest.mark.parametrize(("name", "data", "what"), odd.NOT_PDFS)
def test_what_a_file_is_that_is_no_pdf(box, tmp_path, name, data, what):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        box.inspect(path)
    assert refused.value.code == "not_pdf"
    assert what in refused.value.detail
    assert ("looks like" in refused.value.detail) == bool(what)


def test_a_file_too_large(tmp_path, cases):
    with Sandbox(Limits(file_bytes=100)) as small, pytest.raises(Refused) as refused:
        small.inspect(cases["plain"].path)
    assert refused.value.code == "too_large"
    assert small.started == 0, "told from the outside"


def test_a_missing_file_is_the_callers_error(box, tmp_path):
    with pytest.raises(FileNotFoundError):
        box.inspect(tmp_path / "nothing.pdf")


def test_relative_paths_are_of_the_callers_folder(box, cases, tmp_path, monkeypatch):
    monkeypatch.chdir(cases["truncated"].path.parent)
    assert len(list(box.read("plain.pdf"))) == 3
    out = tmp_path / "out.pdf"
    assert box.prepare("truncated.pdf", os.path.relpath(out)).repaired
    assert out.exists()


def test_a_process_forked_from_ours_starts_a_child_of_its_own(cases):
    with Sandbox() as box:
        box.inspect(cases["plain"].path)
        [ours] = box.pids
        fork = os.fork()
        if fork == 0:
            try:
                box.inspect(cases["plain"].path)
                os._exit(0 if ours not in box.pids else 1)
            except BaseException:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
        box.inspect(cases["plain"].path)
        assert box.pids == [ours]


def test_a_copy_that_cannot_be_written_is_not_the_files_fault(box, cases, tmp_path):
    with pytest.raises(OSError):
        box.prepare(cases["truncated"].path, tmp_path / "no such folder" / "out.pdf")
    assert box.inspect(cases["plain"].path).pages


def test_reading_part_of_a_document_and_stopping_early(box, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(odd.text_pdf(["Hello"], pages=200))
    assert [p.index for p in box.read(path, 3, 5)] == [3, 4, 5]
    assert [p.index for p in box.read(path, 198)] == [198, 199]
    assert list(box.read(path, 200)) == []
    assert len(list(box.read(path))) == 200
    for page in box.read(path):
        box.render(path, page.index, 50)  # the sandbox is free between pages
        if page.index == 70:
            break
    assert len(box.inspect(path).pages) == 200


def test_a_file_that_changes_on_disk_is_opened_anew(box, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(odd.text_pdf(["First"]))
    assert next(box.read(path)).text == "First"
    path.write_bytes(odd.text_pdf(["Second thoughts"]))
    assert next(box.read(path)).text == "Second thoughts"


def test_timeout_ends_the_child_and_the_next_call_works(cases, tmp_path):
    with Sandbox(Limits(seconds=3.0)) as hasty:
        assert hasty.inspect(cases["plain"].path)
        started = time.monotonic()
        with pytest.raises(Refused) as refused:
            list(hasty.read(cases["content-bomb"].path))
        assert refused.value.code in ("timeout", "memory")
        assert time.monotonic() - started < 12
        assert len(list(hasty.read(cases["plain"].path))) == 3


def test_a_child_that_stops_answering_is_ended(cases):
    with Sandbox(Limits(seconds=1.5)) as box:
        box.inspect(cases["plain"].path)
        [pid] = box.pids
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(Refused) as refused:
            box.inspect(cases["plain"].path)
        assert refused.value.code == "timeout"
        assert not Path(f"/proc/{pid}").exists()
        assert box.inspect(cases["plain"].path)


def test_killed_in_the_middle_gives_a_clear_error_and_the_next_call_works(cases):
    with Sandbox() as box:
        box.inspect(cases["plain"].path)
        [pid] = box.pids
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(Interrupted, match="cut short"):
            list(box.read(cases["plain"].path))
        assert len(list(box.read(cases["plain"].path))) == 3
        assert box.started == 2


def test_killed_while_idle_is_not_noticed(cases):
    with Sandbox() as box:
        box.inspect(cases["plain"].path)
        os.kill(box.pids[0], signal.SIGKILL)
        time.sleep(0.1)
        assert box.inspect(cases["plain"].path)


def test_a_crash_is_the_files_fault(cases):
    with Sandbox() as box:
        box.inspect(cases["plain"].path)
        [pid] = box.pids
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(0.3, lambda: (os.kill(pid, signal.SIGSEGV), os.kill(pid, signal.SIGCONT))).start()
        with pytest.raises(Refused) as refused:
            box.inspect(cases["plain"].path)
        assert refused.value.code == "broken"


def test_the_child_is_limited(cases):
    with Sandbox(Limits(memory=700 * MIB)) as box:
        box.inspect(cases["plain"].path)
        [pid] = box.pids
        limits = {
            line[:25].strip(): line[25:].split()
            for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        }
        # And as much as the file and the machine's fonts take, which are mapped.
        size = cases["plain"].path.stat().st_size
        mapped = sum(path.stat().st_size for path in fonts.files())
        assert limits["Max address space"][0] == str(700 * MIB + size + mapped)
        assert limits["Max core file size"][0] == "0"
        assert limits["Max open files"][0] == "16"
        assert int(limits["Max cpu time"][0]) <= 65
        assert int(limits["Max file size"][0]) == 2 * size + box.limits.repair_bytes


def test_the_child_ends_with_its_parent_but_not_with_the_thread_that_called(cases):
    code = (
        "import sys, threading, time; from casebundle.pdf import Sandbox; box = Sandbox();"
        f"t = threading.Thread(target=box.inspect, args=({str(cases['plain'].path)!r},)); t.start(); t.join();"
        f"before = box.pids; time.sleep(.3); box.inspect({str(cases['plain'].path)!r});"
        "assert box.pids == before and box.started == 1;"
        "print(box.pids[0], flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(odd.__file__).parents[2]
    )
    pid = int(parent.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    parent.kill()
    parent.wait()
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def test_a_server_with_very_many_sockets_reads_too(cases):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    many = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert max(many) > 1024
        with Sandbox() as box:
            assert len(list(box.read(cases["plain"].path))) == 3
    finally:
        for number in many:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_threads_share_a_sandbox(cases):
    errors = []

    def work() -> None:
        try:
            for _ in range(5):
                assert len(list(box.read(cases["plain"].path))) == 3
                assert box.render(cases["rotated-90"].path, 0, 200)
        except BaseException as error:
            errors.append(error)

    with Sandbox(processes=2) as box:
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert len(box.pids) <= 2


def test_after_close_no_process_is_left(cases):
    box = Sandbox()
    box.inspect(cases["plain"].path)
    [pid] = box.pids
    box.close()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(RuntimeError, match="closed"):
        box.inspect(cases["plain"].path)


# A child that the file has taken over may answer anything.

DONE = struct.pack(">II", 15, 0) + b'{"kind":"done"}'
LIES = {
    "not json": struct.pack(">II", 3, 0) + b"{{{",
    "not an object": struct.pack(">II", 2, 0) + b"[]",
    "huge": struct.pack(">II", 2**31, 2**31),
    "unknown refusal": b'{"kind":"refused","code":"<b>rude</b>"}',
    "text in a refusal": b'{"kind":"refused","code":"too_many_pages","values":{"pages":"<b>","limit":1}}',
    "no sizes": b'{"kind":"inspection"}',
    "endless": b'{"kind":"x"}',
}


LIAR = """
def liar(start, passed, answer):
    child.keep_only(passed)
    child.send({"kind": "hello", "walls": {"seccomp": True, "landlock": 7}})
    os.read(3, 4)
    os.write(4, answer)
    os.read(3, 1 << 20), os.read(3, 1 << 20)
"""


@pytest.mark.parametrize("lie", LIES)
def test_a_child_that_lies_is_not_believed(cases, monkeypatch, lie):
    said = LIES[lie]
    frame = said if said[0] == 0 or said[0] == 128 else struct.pack(">II", len(said), 0) + said
    answer = frame * (400 if lie == "endless" else 1) + DONE
    code = f"import os\nchild.serve = lambda start, passed: liar(start, passed, {answer!r})\n" + LIAR
    monkeypatch.setattr(sandbox, "START", hostile.start_with(code))
    with Sandbox(Limits(seconds=5)) as box, pytest.raises(Refused) as refused:
        box.inspect(cases["plain"].path)
    assert refused.value.code in ("broken", "too_many_pages")
    assert "<b>" not in refused.value.detail


ENDS = {
    "it exits": "os._exit(0)",
    "it closes its pipes and stays": "os.close(3); os.close(4)\n    while True: pass",
    "it stops in the middle of a frame": "os.write(4, b'xx'); os.close(4); os._exit(3)",
    "it says more than it was asked": "os.write(4, done + done); os.read(3, 1 << 20); os.read(3, 1 << 20)",
    "it says that a signal from outside ended it": "os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_child_that_ends_badly_is_the_files_fault_and_the_next_call_works(cases, monkeypatch, end):
    """Not the machine's, for then it would be tried for ever."""
    code = (
        f"import os\ndone = {DONE!r}\nusual = reading.Reader.answer\n"
        f"def ends(self, request):\n    {ENDS[end]}\n    yield\n"
        "reading.Reader.answer = lambda self, request: (ends if self.size % 2 else usual)(self, request)"
    )
    monkeypatch.setattr(sandbox, "START", hostile.start_with(code))
    plain = cases["plain"].path.read_bytes()
    odd_one, even_one = (cases["plain"].path.with_name(f"ends-{n}.pdf") for n in (1, 0))
    for path, left in ((odd_one, 1), (even_one, 0)):
        path.write_bytes(plain + b"\n" * (1 if len(plain) % 2 != left else 2))
    with Sandbox(Limits(seconds=4)) as box:
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                box.inspect(odd_one)
            assert refused.value.code == "broken"
            assert len(box.inspect(even_one).pages) == 3


def test_a_fork_server_that_is_killed_is_nobodys_fault(cases):
    with Sandbox() as box:
        box.inspect(cases["plain"].path)
        [pid] = box.pids
        box._server.process.kill()
        box._server.process.wait()
        for _ in range(50):
            if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
                break
            time.sleep(0.1)
        else:
            pytest.fail("a child outlived what started it")
        assert len(list(box.read(cases["plain"].path))) == 3
        box._server.process.kill()
        assert len(list(box.read(cases["form"].path))) == 1


@pytest.mark.parametrize(
    ("header", "boxes", "text"),
    [
        ({"words": 2}, [0] * 8, "one"),
        ({"words": 1}, [0, 0, 100_001, 5], "one"),
        ({"words": 1}, [0, 0], "one"),
        ({"words": 1, "width": float("nan")}, [0] * 4, "one"),
        ({}, [], ""),
    ],
)
def test_a_page_that_makes_no_sense_is_not_believed(header, boxes, text):
    whole = {
        "index": 0,
        "width": 1.0,
        "height": 1.0,
        "blank": False,
        "images_only": False,
        "pictures": 0,
        "cut": False,
    }
    body = struct.pack(f"={len(boxes)}I", *boxes) + text.encode()
    with pytest.raises((ValueError, KeyError)):
        sandbox._page_text(whole | header, body)
