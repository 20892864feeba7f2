"""A clone gets ready by itself, once, and says in one sentence why it cannot."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import needs, setup

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "LOG", tmp_path / "setup.log")


# --- stamps


def test_a_step_is_done_once_and_again_when_what_it_is_made_from_changes(tmp_path):
    done = []
    stamp = tmp_path / "made" / ".stamp"
    setup.step("x", stamp, "1", lambda: done.append(1))
    setup.step("x", stamp, "1", lambda: done.append(1))
    setup.step("x", stamp, "2", lambda: done.append(2))
    assert done == [1, 2]


def test_a_step_cut_short_is_done_again(tmp_path):
    stamp = tmp_path / ".stamp"
    setup.step("x", stamp, "1", lambda: None)

    def cut() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setup.step("x", stamp, "2", cut)
    # Neither the old stamp nor a new one may claim that it was done.
    assert not stamp.exists()


def test_the_fingerprint_follows_content_and_name(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("same")
    b.write_text("same")
    assert setup.fingerprint([a]) != setup.fingerprint([b])
    before = setup.fingerprint([a])
    a.write_text("other")
    assert setup.fingerprint([a]) != before


# --- what goes wrong


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("npm error code ENOTFOUND", "could not be reached"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "reached"),
        ("ERROR: No matching distribution found for django==5.2", "could not be reached"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("npm error code ENOSPC", "The disk is full"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "not the one that was locked",
        ),
        ("npm error code EINTEGRITY", "not the one that was locked"),
        ("ModuleNotFoundError: No module named 'x'", ".setup.log says why"),
        ("something else", ".setup.log says why"),
    ],
)
def test_a_failed_program_is_told_in_one_sentence(printed, said):
    with pytest.raises(setup.Stop) as stop:
        setup.run("Installing", sys.executable, "-c", f"import sys; print({printed!r}); sys.exit(1)")
    text = str(stop.value)
    assert said in text
    assert "\n" not in text
    assert printed in setup.LOG.read_text()


def test_the_wrong_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(setup.Stop, match=r"needs Python 3\.11 .* this is 3\.9\. .*PYTHON="):
        setup.check_python()


def test_a_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(setup.Stop, match="apt-get install python3-venv"):
        setup.check_python()


def _fails(error: BaseException):
    def set_up(goal: str) -> None:
        raise error

    return set_up


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), 1, "may not write to /x/y"),
        (setup.Stop("One sentence."), 1, "One sentence."),
        (KeyboardInterrupt(), 130, "goes on from here"),
    ],
)
def test_no_traceback_ever(monkeypatch, capsys, error, code, said):
    monkeypatch.setattr(setup, "set_up", _fails(error))
    monkeypatch.setattr(sys, "argv", ["setup.py", "run"])
    assert setup.main() == code
    assert said in capsys.readouterr().out


def test_a_machine_without_node_gets_the_wheel(monkeypatch, tmp_path):
    installed = []
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    monkeypatch.setattr(setup, "install", lambda name, title: installed.append(name))
    assert setup.node() == (str(tmp_path / "bin" / "node"), str(tmp_path / "bin" / "npm"))
    assert installed == ["node"]


def test_a_node_too_old_for_sass_is_not_used(monkeypatch, tmp_path):
    installed = []
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    # Debian 12's own.
    monkeypatch.setattr(setup, "version", lambda *command: (18, 20, 4) if "node" in command[0] else (9, 2, 0))
    monkeypatch.setattr(setup, "install", lambda name, title: installed.append(name))
    setup.node()
    assert installed == ["node"]


# --- programs that only tests need


def test_who_is_not_root_gets_the_one_line_and_the_tests_it_is_for(monkeypatch, capsys):
    monkeypatch.setattr(needs, "find", lambda name: None)
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    setup.system_packages()
    text = capsys.readouterr().out
    assert "apt-get install -y --no-install-recommends" in text
    assert "chromium (stories in a browser)" in text


def test_root_has_them_installed(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(needs, "find", lambda name: None if name == "chromium" else "/usr/bin/" + name)
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(setup, "run", lambda what, *command, **env: ran.append(command))
    setup.system_packages()
    assert ran == [
        ("apt-get", "update", "-qq"),
        ("apt-get", "install", "-y", "--no-install-recommends", "chromium"),
    ]


SKIPPING = """
import pytest
@pytest.mark.needs("nosuchthing")
def test_in_a_browser(): pass
def test_plain(): pass
"""


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_the_run_in_ci_only_and_is_listed(pytester, monkeypatch, ci, code):
    pytester.makeini("[pytest]\nmarkers =\n    needs(*names): x\n")
    conftest = (ROOT / "tests" / "conftest.py").read_text()
    conftest += (
        "\nneeds.NEEDS['nosuchthing'] = needs.Need(('nosuchthing',), ('nosuch-package',), 'nothing')\n"
    )
    pytester.makeconftest(conftest)
    pytester.makepyfile(SKIPPING)
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:playwright", "-p", "no:asyncio")
    assert result.ret == code
    result.stdout.fnmatch_lines(
        ["*NOT RUN*", "*test_in_a_browser: needs nosuchthing: apt-get install*nosuch-package"]
    )


# --- what was made


def _css() -> str:
    return (ROOT / "static" / "build" / "casebundle.css").read_text(encoding="utf-8")


def test_the_style_sheet_has_no_gds_transport_and_no_crest():
    assert re.search("transport|crest|crown|@font-face", _css(), re.IGNORECASE) is None


def test_every_image_of_the_style_sheet_is_served_by_us():
    asked = re.findall(r"url\([\"']?([^)\"']+)", _css())
    assert asked
    for address in asked:
        assert address.startswith("data:") or (ROOT / "static" / "build" / address).is_file(), address


def test_nothing_of_the_crown_is_served():
    names = [path.name for path in (ROOT / "static").rglob("*")]
    assert [name for name in names if re.search(r"crest|crown|woff|opengraph", name)] == []


def test_no_served_script_asks_for_a_source_map():
    for path in (ROOT / "static" / "build" / "vendor").glob("*.js"):
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name


# --- locks


@pytest.mark.parametrize("name", ["base", "dev", "node"])
def test_every_requirement_is_locked_with_hashes(name):
    wanted = {
        re.split(r"[<>=\[; ]", line)[0].lower().replace("_", "-")
        for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", lock)
    pins = {m[1].lower(): block for block in blocks if (m := re.match(r"([A-Za-z0-9._-]+)==", block))}
    locked = {pin.replace("_", "-") for pin in pins}
    assert wanted <= locked, f"run make lock: {wanted - locked}"
    assert [pin for pin, block in pins.items() if "--hash=sha256:" not in block] == []


def test_the_npm_lock_fits_package_json():
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert lock[""].get(kind, {}) == package.get(kind, {})
    assert [path for path, entry in lock.items() if path and "integrity" not in entry] == []


# --- make


def test_make_lists_every_target_quietly():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert sorted(re.findall(r"^  make (\S+)", done.stdout, re.MULTILINE)) == sorted(phony)
    assert done.stderr == ""
