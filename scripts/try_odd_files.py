"""Every odd file there is, through intake and worker by the law of scripts/odd_law.py, and compared with poppler.

    python scripts/try_odd_files.py [--all] [--pages 3]

The test files of four PDF libraries, Debian's two longest manuals, the project's own odd files (tests/pdf/corpus.py)
and the papers of the demo case. Prints how many ended how, every refusal with its reason, every warning, what memory
was used, and for the first, middle and last page of each file how alike picture and words are to poppler's. With
--all, one line a file. Ends 1 where the law was broken.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import needs, odd_files
from scripts.odd_law import MIB, Outcome, Second, Trial, new_case, stand_alone, worker_memory


def sources(folder: Path) -> dict[str, list[Path]]:
    """The files by where they are from; `folder` is for those that are made now."""
    from casebundle.demo.generate import generate
    from tests.pdf.corpus import corpus

    found = {f"{sdist.name} {sdist.version}": odd_files.files(sdist) for sdist in odd_files.SDISTS}
    found["Debian's manuals"] = [odd_files.manual(which) for which in odd_files.MANUALS]
    found["our own odd ones"] = [case.path for case in corpus(folder / "corpus")]
    generate(folder / "papers")
    found["papers of the demo case"] = sorted((folder / "papers").glob("*.pdf"))
    return {name: [path for path in paths if path.is_file()] for name, paths in found.items()}


def trials(found: dict[str, list[Path]], every: bool) -> dict[str, list[Outcome]]:
    """What becomes of each."""
    from casebundle.bundles import drawing
    from casebundle.pdf import Limits, Sandbox

    # Some of our own are made to take for ever.
    drawing._sandboxes = dict.fromkeys(drawing.Lane, Sandbox(Limits(seconds=20)))
    viewer, bundle = new_case()
    outcomes: dict[str, list[Outcome]] = {}
    with Second() as second:
        trial = Trial(viewer, bundle, second)
        for name, paths in found.items():
            outcomes[name] = []
            for path in paths:
                outcome = trial.take(path, f"{name}: {path.name}")
                outcomes[name].append(outcome)
                if every:
                    print(outcome.line(), flush=True)
    peak = drawing.sandbox().peak_memory
    drawing.sandbox().close()
    print(f"\nmemory at most: worker {worker_memory() // MIB} MiB, its reader {peak // MIB} MiB")
    return outcomes


def report(outcomes: dict[str, list[Outcome]]) -> int:
    """Prints the tables; the number of files that broke the law."""
    whole = [outcome for mine in outcomes.values() for outcome in mine]
    kinds = [kind for kind, _ in Counter(outcome.kind for outcome in whole).most_common()]
    width = [max(9, len(kind) + 2) for kind in kinds]
    head = "".join(f"{kind:>{w}}" for kind, w in zip(kinds, width, strict=True))
    print(f"\n{'':26}{'files':>7}{head}{'warned':>8}{'pages':>8}{'slowest':>10}")
    for name, mine in [*outcomes.items(), ("all", whole)]:
        counts = Counter(outcome.kind for outcome in mine)
        cells = "".join(f"{counts[kind] or '':>{w}}" for kind, w in zip(kinds, width, strict=True))
        warned = sum(bool(outcome.warnings) for outcome in mine)
        pages, slowest = sum(o.pages for o in mine), max((o.seconds for o in mine), default=0)
        print(f"{name:26}{len(mine):>7}{cells}{warned:>8}{pages:>8,}{slowest:>8.1f} s")
    print("\nrefused:")
    for outcome in whole:
        if outcome.kind != "ready":
            print(f"  {outcome.kind:15} {outcome.name} {' '.join(outcome.notes)}")
    warnings = Counter(code for outcome in whole for code in outcome.warnings)
    print("\nwarnings: " + ", ".join(f"{code} {count}" for code, count in warnings.most_common()))
    for code in ("pages_unsure", "rebuilt", "repaired", "damaged"):
        names = [outcome.name for outcome in whole if code in outcome.warnings]
        print(f"  {code}: {'; '.join(names) or 'none'}")
    broken = [outcome for outcome in whole if outcome.problems]
    for outcome in broken:
        print(f"BROKE THE LAW {outcome.line()}")
        print("".join(f"    {problem}\n" for problem in outcome.problems))
    print(f"\n{len(whole)} files, {len(broken)} broke the law")
    return len(broken)


def likeness(found: dict[str, list[Path]], each: int, folder: Path) -> int:
    """Prints how alike pages are to poppler's; the number of those that are not and have no reason to differ."""
    from casebundle.pdf import Limits, Refused, Sandbox
    from scripts.odd_compare import LEAST_LETTERS, MOST_TONE, UNLIKE, Likeness, compare

    print(
        f"\nbeside poppler, the first, middle and last page of each (alike: tone under {MOST_TONE}, letters over "
        f"{LEAST_LETTERS})\n{'':26}{'pages':>7}{'alike':>7}{'no opinion':>12}{'tone p95':>10}{'words p05':>11}"
    )
    unlike: list[str] = []
    with Sandbox(Limits(seconds=20)) as box:
        for name, paths in found.items():
            likes: list[Likeness] = []
            silent = alike = 0
            for path in paths:
                copy = folder / "copy.pdf"
                copy.unlink(missing_ok=True)
                try:
                    inspected = box.prepare(path, copy)
                    last = len(inspected.pages) - 1
                    source = copy if inspected.repaired else path
                    for index in sorted({round(n * last / max(1, each - 1)) for n in range(each)}):
                        like = compare(box, source, next(box.read(source, index, index)))
                        if isinstance(like, str):
                            silent += 1
                            continue
                        likes.append(like)
                        alike += like.alike
                        if not like.alike:
                            why = next((w for label, w in UNLIKE.items() if label.endswith(path.name)), "")
                            unlike.append(
                                f"{'' if why else '! '}{name}: {path.name} page {index + 1}: {like} {why}"
                            )
                except Refused:
                    continue
            tones = sorted(like.tone for like in likes) or [0.0]
            words = sorted(like.words for like in likes if like.words is not None) or [1.0]
            tone, word = tones[int(len(tones) * 0.95)], words[int(len(words) * 0.05)]
            print(
                f"{name:26}{len(likes) + silent:>7}{alike:>7}{silent:>12}{tone:>10.3f}{word:>11.2f}",
                flush=True,
            )
    print("\n".join(["not alike:", *unlike]) if unlike else "all alike")
    return sum(text.startswith("!") for text in unlike)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true", help="one line a file")
    parser.add_argument("--pages", type=int, default=3, help="of each file compared with poppler; 0: none")
    arguments = parser.parse_args()
    started = time.monotonic()
    with stand_alone(), tempfile.TemporaryDirectory(prefix="odd-") as made:
        logging.disable(logging.WARNING)
        found = sources(Path(made))
        broken = report(trials(found, arguments.all))
        if arguments.pages and needs.find("pdftoppm") and needs.find("pdftotext"):
            likeness(found, arguments.pages, Path(made))
        elif arguments.pages:
            print(f"\nNot compared with poppler: {needs.apt_line(['pdftoppm'])}")
    print(f"{time.monotonic() - started:.0f} s")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
