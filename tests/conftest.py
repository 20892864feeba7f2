"""What holds for every test: a program that is not there is named, and in CI nothing may be left out."""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from scripts import needs

pytest_plugins = ["tests.cast"]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
# Where each test is long and shares nothing with the next: several processes do these first, and one by one. What is
# left at the end is short, so that nobody waits for one.
LONG = (
    "tests/abuse/test_disk.py",
    "tests/abuse/test_killed_and_clock.py",
    "tests/abuse/test_outages.py",
    "tests/running/test_copies.py",
)
_left_out: list[str] = []


class _OneByOne(LoadFileScheduling):  # type: ignore[misc]
    """A file stays in one process, for what its tests share; those of LONG share nothing."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return nodeid if file in LONG else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _OneByOne(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.location[0] not in LONG)


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
