"""What holds for every test: a program that is not there is named, and in CI nothing may be left out."""

from __future__ import annotations

import os

import pytest

from scripts import needs

pytest_plugins = ["tests.cast"]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
_left_out: list[str] = []


def pytest_configure() -> None:
    from django.conf import settings

    # Files as they are now, not as they were when they were last collected.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if needs.find(name) is None:
                pytest.skip(f"needs {name}: {needs.apt_line([name])}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # An expected failure is reported as skipped too, but it was run.
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _left_out.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _left_out.append(f"{report.nodeid}: left out as a whole")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    # A skipped test that nobody looks at is a test that is gone; only a person at a keyboard may be let off.
    if IN_CI and _left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _left_out:
        return
    title = "NOT RUN (in CI that is a failure)" if IN_CI else "NOT RUN"
    terminalreporter.section(title, sep="=", red=IN_CI, yellow=not IN_CI)
    for line in sorted(set(_left_out)):
        terminalreporter.write_line(line)
