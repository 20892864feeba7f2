"""Live under stress: what a court does to the server on its worst day, and worse. `make stress`

    .venv/bin/python scripts/stress.py [return slow frames notes ends …] [--people 500] [--seed N]

Each part starts the server as `manage.py up` does, over a data folder of its own, and looks at what came of it from
outside: at the frames of raw sockets, at the journal, at the rows of the database, at the memory of the server. Prints
what was tried and what came out; ends with 1 where a law is broken. A time that is over its aim is told, and breaks
nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.courtroom.crowd import Crowd, Door, Line, clock, frame
from tests.courtroom.stage import REFERENCE, Stage

PATH = f"/ws/cases/{REFERENCE}/"
broken: list[str] = []


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def law(holds: bool, text: str) -> None:
    """One law, and whether it held."""
    say(f"{'holds ' if holds else 'BROKEN'} {text}")
    if not holds:
        broken.append(text)


def aim(met: bool, text: str) -> None:
    say(f"{'met   ' if met else 'MISSED'} {text}")


def rows(folder: Path, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'casebundle.sqlite3'}?mode=ro", uri=True)) as db:
        return db.execute(sql, params).fetchall()


# What may change without anybody having done anything: when a token was last used, sessions, counts of guesses.
APART = ("django_session", "cases_tally", "cases_apitoken", "usersessions_usersession", "django_tasks")


def picture(folder: Path) -> dict[str, str]:
    """A digest of every table that holds something of a case."""
    with closing(sqlite3.connect(f"file:{folder / 'casebundle.sqlite3'}?mode=ro", uri=True)) as db:
        names = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        found = {}
        for name in names:
            if name.startswith(APART) or name.startswith("sqlite_"):
                continue
            digest = hashlib.sha256()
            for row in db.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
                digest.update(repr(row).encode())
            found[name] = digest.hexdigest()
        return found


def memory(stage: Stage) -> float:
    """MiB of the server that are in memory."""
    assert stage.server is not None
    for line in Path(f"/proc/{stage.server.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def door(stage: Stage, who: str, after: Any = None, session: bool = False) -> Door:
    person = stage.people[who]
    return Door(
        stage.port,
        PATH,
        token="" if session else person.token,
        session=person.session if session else "",
        after=after,
    )


def enter(stage: Stage, who: str, after: Any = None) -> Line:
    """In, and after the answer to its hello (where it says one)."""
    line = Line(door(stage, who, after)).enter()
    if after is not ...:
        line.until(b'"type":"state"')
    return line


def turn(stage: Stage, n: int) -> str:
    view = {"x": 0, "y": 0, "w": (n % 9_999 + 1) / 10_000, "h": 0.5}
    return json.dumps({"type": "turn", "hearing": stage.hearing, "page": stage.pages[n % 20], "view": view})


def turns(stage: Stage, presenter: Line, count: int, start: int = 0) -> int:
    """Turn so many times, one after the other; the sequence number of the last entry."""
    seq = 0
    for n in range(start, start + count):
        presenter.send(turn(stage, n))
        seq = json.loads(presenter.until(b'"page.turned"'))["seq"]
    return seq


def head(folder: Path) -> int:
    return int(rows(folder, "SELECT max(seq) FROM journal_chain")[0][0])


# --- everybody comes back -----------------------------------------------------------------------
MISSED = 60
BACK_WITHIN = 5.0  # seconds


def back(options: argparse.Namespace) -> None:
    """All lose their connection at once and return: each at the right page, with exactly what they missed."""
    people = options.people
    with tempfile.TemporaryDirectory() as name, Crowd() as crowd:
        folder = Path(name)
        with Stage(folder, people) as stage:
            who = [f"observer{i}" for i in range(people)]
            presenter = enter(stage, "priya")
            # Half by the cookie of a browser, half by token.
            crowd.come([door(stage, one, None, session=i % 2 == 0) for i, one in enumerate(who)])
            say(f"{people} come in at once: the last has its state after {crowd.done()[-1]:.2f} s")
            for how in ("their network breaks", "the server is killed"):
                seen = head(folder)
                if how == "their network breaks":
                    crowd.leave()
                last = turns(stage, presenter, MISSED)
                if how == "the server is killed":
                    # Before it was told to anybody, for all they know: they saw nothing after `seen`.
                    stage.kill()
                    crowd.leave()
                    stage.start()
                crowd.come(
                    [door(stage, one, seen, session=i % 2 == 0) for i, one in enumerate(who)],
                    keep=True,
                    until_seq=last,
                )
                took = crowd.done()
                # Whoever has had the last one may still be sent another: nothing may come twice.
                time.sleep(0.7)
                wanted = list(range(seen + 1, last + 1))
                shown = stage.pages[(MISSED - 1) % 20]
                wrong = states = 0
                for frames, closed, _had, _door in crowd.report():
                    told = [json.loads(one) for one in frames]
                    got = [one["seq"] for one in told if one["type"] == "entry"]
                    first = next((one for one in told if one["type"] == "state"), None)
                    states += first is not None and first["page"] == shown
                    wrong += got != wanted or closed is not None
                law(
                    wrong == 0,
                    f"{how}: {people} return, each has the {len(wanted)} entries it missed, once, in order",
                )
                law(
                    states == people,
                    f"{how}: {states} of {people} are told first that the page is {shown[-3:]}",
                )
                aim(
                    took[-1] < BACK_WITHIN,
                    f"{how}: half of them are back after {took[len(took) // 2]:.2f} s, all after {took[-1]:.2f} s"
                    f" (aim: {BACK_WITHIN:.0f} s)",
                )
                if how == "their network breaks":
                    presenter.until(b'"type":"presence"', 5)


# --- somebody reads nothing ---------------------------------------------------------------------
DEAF = 20
MORE_MEMORY = 60.0  # MiB


def slow(options: argparse.Namespace) -> None:
    """Clients that read nothing hold nobody up, and cost bounded memory."""
    with tempfile.TemporaryDirectory() as name, Crowd() as crowd:
        folder = Path(name)
        with Stage(folder, 60) as stage:
            presenter = enter(stage, "priya")
            crowd.come([door(stage, f"observer{i}", None) for i in range(40)])
            crowd.done()

            def measure(count: int, start: int) -> list[float]:
                took = []
                for n in range(start, start + count):
                    crowd.mark(b'"page.turned"')
                    began = clock()
                    presenter.send(turn(stage, n))
                    took.append((crowd.heard()[1] - began) * 1000)
                    while presenter.read():
                        pass
                return sorted(took)

            alone = measure(200, 0)
            before = memory(stage)
            deaf: list[Line] = []
            most, beside = before, []
            for at in range(200, 200 + options.turns, 100):
                if (at - 200) % 500 == 0:
                    # As little room in the kernel as it gives. Those of before are cut off by and by.
                    deaf += [Line(door(stage, f"observer{40 + i}", 0)).enter(4096) for i in range(DEAF)]
                    came = clock()
                beside += measure(100, at)
                most = max(most, memory(stage))
            beside.sort()
            say(
                f"to the last of 40 who read: p50 {alone[100]:.1f}, p99 {alone[198]:.1f} ms without, "
                f"p50 {beside[options.turns // 2]:.1f}, p99 {beside[int(options.turns * 0.99)]:.1f} ms "
                f"beside {DEAF} who do not"
            )
            heard = [had for _f, _c, had, _d in crowd.report()]
            law(
                set(heard) == {200 + options.turns},
                f"each of the 40 had each of {200 + options.turns} turns once",
            )
            grown = most - before
            law(
                grown < MORE_MEMORY,
                f"memory of the server: {before:.0f} MiB before, {grown:+.1f} MiB at most",
            )
            # Who reads to see whether they were cut off is deaf no more: it has to have happened by now.
            time.sleep(max(0.0, 25 - (clock() - came)))
            gone = sum(_cut(line) for line in deaf)
            law(gone == len(deaf), f"who takes nothing for 20 seconds is cut off: {gone} of {len(deaf)}")
            # Pings are answered below us, whether or not the answers are taken.
            pinging = Line(door(stage, "observer59", None)).enter(4096)
            before, most, sent = memory(stage), 0.0, 0
            ping = frame(b"x" * 125, 9) * 400
            try:
                while sent < 150_000_000:
                    pinging.raw(ping, 5)
                    sent += len(ping)
                    most = max(most, memory(stage) - before)
            except OSError:
                pass
            law(
                most < MORE_MEMORY and sent < 150_000_000,
                f"pings without end, whose answers are not read: cut off after {sent / 2**20:.0f} MiB of them, "
                f"memory {most:+.1f} MiB",
            )
            # The presenter did not read either for a while.
            presenter = enter(stage, "priya")
            after = measure(50, 9000)
            law(len(after) == 50, f"and the court goes on: p50 {after[25]:.1f} ms")


def _cut(line: Line) -> bool:
    """Whether the server has ended the connection, seen by who has not read: what was sent is read first."""
    try:
        line.wait_closed(3)
    except TimeoutError:
        return False
    return True


# --- bad frames ---------------------------------------------------------------------------------
BAD = 10_000


def bad_frames(stage: Stage, rng: random.Random) -> list[tuple[str, bytes]]:
    """Frames that nobody may send (kind, bytes on the wire), as an observer of the case."""
    me, hearing, page = stage.people["observer0"].id, stage.hearing, stage.pages[0]
    priya, daniel = stage.people["priya"].id, stage.people["daniel"].id
    odd: list[Any] = [None, 7, True, [], {}, "", "x", "\x00", "\ud800", "9" * 5000, 1e308, -1, 2**70]
    odd += [me, page, hearing]
    view = {"x": 0, "y": 0, "w": 1, "h": 1}
    words = ["nonsense", "entry", "state", "__init__", "ACTS", "Hello", "x" * 999]
    broken_text = ["", "{", "]", "NaN", "'a'", "{'type': 'ping'}", "\ufeff{}", "\x00", "turn"]
    no_object = ["[]", "7", "null", '"hello"', "[[]]", "1e999", "true"]
    numbers = [-1, "7", 1.5, True, [], {}, 2**70, "\x00"]
    claims = dict.fromkeys(("actor", "participant", "presenter"), priya) | {"role": "judge", "token": "x"}

    def text(kind: Any, **what: Any) -> bytes:
        return frame(json.dumps({"type": kind, **what}))

    def some() -> Any:
        return rng.choice(odd)

    makers: dict[str, Callable[[], bytes]] = {
        "unknown type": lambda: text(rng.choice(words)),
        "type is no word": lambda: text(some() if rng.random() < 0.5 else ["turn"]),
        "not JSON": lambda: frame(rng.choice(broken_text)),
        "JSON, no object": lambda: frame(rng.choice(no_object)),
        "deep": lambda: frame(rng.choice(["[", '{"type":']) * rng.randint(1000, 3000)),
        "long": lambda: text("hello", pad="x" * rng.randint(17_000, 60_000)),
        "binary": lambda: frame(rng.randbytes(rng.randint(0, 200)), 2),
        "hello with a bad number": lambda: text("hello", after=rng.choice(numbers)),
        "turn without the floor": lambda: text(
            "turn", hearing=hearing, page=rng.choice(stage.pages), view=view
        ),
        "turn as somebody else": lambda: text("turn", hearing=hearing, page=page, view=view, **claims),
        "turn in another case": lambda: text(
            "turn", hearing=stage.other_hearing, page=stage.elsewhere[0], view=view
        ),
        "turn to a page of another case": lambda: text("turn", hearing=hearing, page=stage.elsewhere[0]),
        "turn to a restricted page": lambda: text("turn", hearing=hearing, page=stage.shut[0]),
        "turn, odd": lambda: text("turn", hearing=some(), page=some(), view=some()),
        "point without the floor": lambda: text("point", hearing=hearing, page=page, at=[0.5, 0.5]),
        "point, odd": lambda: text("point", hearing=some(), page=some(), at=some()),
        "floor to oneself": lambda: text("floor", hearing=hearing, to=me),
        "floor taken": lambda: text("floor", hearing=hearing, to=None),
        "floor in another case": lambda: text("floor", hearing=stage.other_hearing, to=daniel),
        "floor, odd": lambda: text("floor", hearing=some(), to=some()),
        "at, odd": lambda: text("at", page=rng.choice([7, True, [], {}, "x" * 41])),
    }
    kinds = list(makers)
    return [(kind, makers[kind]()) for kind in (kinds[n % len(kinds)] for n in range(BAD))]


# What is no WebSocket at all: the connection ends.
def broken_wire(rng: random.Random) -> dict[str, bytes]:
    return {
        "reserved opcode": frame(b"x", 11),
        "reserved bit": bytes([0xF1, 0x80, 0, 0, 0, 0]),
        "not masked": b"\x81\x02hi",
        "not UTF-8": frame(b"\xff\xfe\xfd"),
        "longer than it may be": frame(b"x" * (2**20 + 1)),
        "says it is 2**62 bytes": b"\x81\xff" + (2**62).to_bytes(8, "big") + b"\0\0\0\0xx",
        "long control frame": frame(b"x" * 126, 9),
        "control frame in pieces": frame(b"x", 9, fin=False),
        "the end of nothing": frame(b"x", 0),
        "noise": rng.randbytes(400),
        "pieces without end": frame(b"x" * 1000, 1, fin=False) + frame(b"y" * 1000, 0, fin=False) * 2000,
    }


def frames(options: argparse.Namespace) -> None:
    """Ten thousand bad frames are each refused or cut off, and none changes anything."""
    rng = random.Random(options.seed)
    people = 10
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Stage(folder, people) as stage:
            presenter = enter(stage, "priya")
            turns(stage, presenter, 5)
            time.sleep(0.5)
            before, seq, size = picture(folder), head(folder), memory(stage)
            todo = bad_frames(stage, rng)
            count: dict[str, list[int]] = {kind: [0, 0, 0] for kind, _data in todo}  # sent, refused, cut off
            slowest, said, lines = 0.0, 0, 0
            # Many at a time, each on its own connection; what was under way when a connection was ended was cut off.
            for start in range(0, BAD, 550 * people):
                portion = todo[start : start + 550 * people]
                shares = [portion[i::people] for i in range(people)]
                there = [enter(stage, f"observer{i}", rng.choice([None, ..., 0])) for i in range(people)]
                lines += people
                for line in there:
                    line.frames = []
                for step in range(max(map(len, shares))):
                    for line, share in zip(there, shares, strict=True):
                        if step < len(share) and line.closed is None:
                            try:
                                line.raw(share[step][1], 20)
                            except OSError:
                                line.closed = line.closed or 1006
                    if step % 50 == 49:
                        began = clock()
                        presenter.send({"type": "ping"})
                        presenter.until(b'"pong"')
                        slowest = max(slowest, clock() - began)
                        for line in there:
                            line.frames += line.read()
                for line, share in zip(there, shares, strict=True):
                    try:
                        line.send({"type": "ping"})
                        kept = list(line.frames)
                        line.frames = []
                        end = clock() + 30
                        while (
                            not any(b'"pong"' in one for one in kept)
                            and line.closed is None
                            and clock() < end
                        ):
                            found = line.read()
                            kept += found
                            if not found:
                                time.sleep(0.01)
                    except OSError:
                        line.closed = line.closed or 1006
                    answers = [json.loads(one) for one in kept]
                    refused = sum(one["type"] == "refused" for one in answers)
                    said += sum(
                        one["type"] == "entry" and one["action"] == "page.turned" and one["seq"] > seq
                        for one in answers
                    )
                    for at, (kind, _data) in enumerate(share):
                        count[kind][0] += 1
                        count[kind][1 if at < refused else 2] += at < refused or line.closed is not None
                    line.abort()
            for kind, (sent, refused, cut) in sorted(count.items()):
                say(f"{kind:32} {sent:5} sent, {refused:5} refused, {cut:4} cut off")
            total = [sum(one[i] for one in count.values()) for i in range(3)]
            law(
                total[1] + total[2] == BAD,
                f"{total[0]} bad frames on {lines} connections: {total[1]} refused, {total[2]} cut off",
            )
            law(said == 0, "nobody was told of anything that came of one")
            for kind, data in broken_wire(rng).items():
                line = enter(stage, "observer0", None)
                try:
                    line.raw(data)
                    code = line.wait_closed(15)
                    law(True, f"{kind}: ended ({code})")
                except TimeoutError:
                    law(False, f"{kind}: the connection is still open")
                except OSError:
                    law(True, f"{kind}: ended")
                line.abort()
            flood = enter(stage, "observer1", None)
            began, sent = clock(), 0
            try:
                while clock() - began < 10:
                    flood.raw(frame('{"type":"nonsense"}') * 200, 5)
                    sent += 200
                ended = False
            except OSError:
                ended = True
            law(
                ended,
                f"{sent} more on one connection as fast as it takes them: ended after {clock() - began:.1f} s",
            )
            time.sleep(1)
            changed = [table for table, digest in picture(folder).items() if before.get(table) != digest]
            law(
                not changed,
                f"no row of any table changed ({len(before)} tables){': ' + ', '.join(changed) if changed else ''}",
            )
            law(head(folder) == seq, f"the journal ends where it did, at {seq}")
            law(
                slowest < 2,
                f"the presenter's pings were answered meanwhile, the slowest after {slowest * 1000:.0f} ms",
            )
            say(f"memory of the server: {memory(stage) - size:+.1f} MiB")
            law(turns(stage, presenter, 5, 5) == seq + 5, "and the presenter turns pages as before")


# --- who hears of a note ------------------------------------------------------------------------
NOTES = 1000
CAST = ("priya", "daniel", "mari", "ruth", "tom")
# The rules, written down once more, by hand: who is of which party, and which documents are for whom.
PARTY = {"priya": "prosecution", "daniel": "bates", "mari": "doyle", "ruth": "court", "tom": "court"}
SHUT_TO = {"daniel"}


def hear(author: str, choice: str, parties: list[str], shut: bool) -> set[str]:
    """Who of the cast is to hear of a note."""
    if choice == "private":
        found = {author}
    elif choice == "party":
        found = {who for who in CAST if PARTY[who] == PARTY[author]}
    elif choice == "parties":
        found = {author} | {who for who in CAST if PARTY[who] in parties}
    else:
        found = set(CAST)
    return found - SHUT_TO if shut else found


def notes(options: argparse.Namespace) -> None:
    """A thousand notes of random audiences: the sockets that heard of each, beside what the rules and access.py say."""
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Stage(folder, 1) as stage:
            lines = {who: enter(stage, who) for who in CAST}
            lines["sam"] = Line(
                Door(stage.port, "/ws/cases/T20267002/", token=stage.people["sam"].token, after=None)
            ).enter()
            lines["screen"] = Line(Door(stage.port, f"/ws/screen/{stage.screen}/")).enter()
            start = head(folder)
            wanted: dict[str, tuple[set[str], str]] = {}
            tried: dict[str, int] = {}
            for n in range(NOTES):
                author = rng.choice(CAST)
                choice = rng.choice(["private", "party", "parties", "case"])
                parties = (
                    rng.sample(sorted(set(PARTY.values())), rng.randint(1, 3)) if choice == "parties" else []
                )
                shut = rng.random() < 0.4 and author not in SHUT_TO
                page = rng.choice(stage.shut if shut else stage.pages)
                body = {"kind": "note", "body": f"note {n}", "audience": choice, "parties": parties or None}
                made = stage.call(author, "POST", f"/pages/{page}/notes", body)
                wanted[made["id"]] = (
                    hear(author, choice, parties, shut),
                    f"{author}, {choice} {parties} {'shut' if shut else ''}",
                )
                tried[choice + (" on a restricted page" if shut else "")] = (
                    tried.get(choice + (" on a restricted page" if shut else ""), 0) + 1
                )
                if n % 10 == 9:
                    for line in lines.values():
                        line.frames += line.read()
            for kind, many in sorted(tried.items()):
                say(f"{kind:32} {many:5}")
            heard: dict[str, set[str]] = {key: set() for key in wanted}
            twice = stray = 0
            for who, line in lines.items():
                if who != "screen":
                    line.send({"type": "ping"})
                end, frames_ = clock() + 20, list(line.frames)
                while clock() < end and not any(b'"pong"' in one for one in frames_[-20:]):
                    frames_ += line.read()
                    time.sleep(0.005)
                    if who == "screen":
                        break
                for one in map(json.loads, frames_):
                    key = str(one.get("data", {}).get("note", "")) if one["type"] == "entry" else ""
                    stray += who in ("sam", "screen") and one["type"] == "entry"
                    if key in heard:
                        twice += who in heard[key]
                        heard[key].add(who)
            wrong = [
                f"{what}: heard {sorted(heard[key])}, to hear {sorted(who)}"
                for key, (who, what) in wanted.items()
                if heard[key] != who
            ]
            for text in wrong[:10]:
                say(text)
            told = sum(len(one) for one in heard.values())
            law(not wrong, f"{NOTES} notes, told {told} times: each to exactly those that the rules say")
            law(not twice, "nobody was told twice")
            law(not stray, "Sam's other case and the evidence screen heard of none")
            differ = 0
            for who in CAST:
                after, seen = start, set()
                while rows_ := stage.call(who, "GET", f"/cases/{REFERENCE}/journal?after={after}&limit=500")[
                    "items"
                ]:
                    after = rows_[-1]["seq"]
                    seen |= {
                        str(row["data"].get("note")) for row in rows_ if row.get("action") == "note.created"
                    }
                differ += len(seen ^ {key for key, who_ in heard.items() if who in who_})
            law(not differ, "and to exactly those whose journal has it (access.py)")


# --- what ends ----------------------------------------------------------------------------------
def ends(options: argparse.Namespace) -> None:
    """Whoever signs out, is removed or has a token revoked is off the socket within a second."""
    with tempfile.TemporaryDirectory() as name, Stage(Path(name), 200) as stage:
        others = [enter(stage, f"observer{i}") for i in range(20, 200)]
        user = "from casebundle.cases.models import *; user = User.objects.get(participants__pk={id!r}); "
        how = {
            "signed out": "from django.test import Client; c = Client(); "
            "c.cookies['sessionid'] = {session!r}; c.post('/accounts/logout/')",
            "removed": "from casebundle.cases import access, people; from casebundle.cases.models import *; "
            "tom = access.viewer_in(User.objects.get(email='tom@court.example'), reference='T20267001'); "
            "people.remove(tom, Participant.objects.get(pk={id!r}))",
            "token revoked": f"{user} from django.utils import timezone; "
            "user.tokens.update(revoked_at=timezone.now())",
            "session deleted": "from django.contrib.sessions.models import Session; "
            "Session.objects.filter(pk={session!r}).delete()",
            "made inactive": f"{user} User.objects.filter(pk=user.pk).update(is_active=False)",
        }
        for at, (what, code) in enumerate(how.items()):
            person = stage.people[f"observer{at}"]
            session = what in ("signed out", "session deleted")
            line = Line(door(stage, f"observer{at}", None, session=session)).enter()
            line.until(b'"state"')
            moment = stage.run(code.format(id=person.id, session=person.session))
            try:
                closed = line.wait_closed(20)
                took = max(0.0, clock() - moment)
            except TimeoutError:
                closed, took = 0, 20.0
            law(
                closed == 4404 and took < 1.5,
                f"{what} (in another process): off after {took:.2f} s ({closed})",
            )
            again = Line(door(stage, f"observer{at}", None, session=session)).enter()
            law(_shut(again), f"{what}: not let in again")
        law(all(line.closed is None and not _gone(line) for line in others), "nobody else was")


def _shut(line: Line) -> bool:
    try:
        return line.wait_closed(10) == 4404
    except TimeoutError:
        return False


def _gone(line: Line) -> bool:
    line.read()
    return line.closed is not None


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "return": back,
    "slow": slow,
    "frames": frames,
    "notes": notes,
    "ends": ends,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make stress", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"some of: {' '.join(PARTS)}")
    parser.add_argument("--people", type=int, default=500, help="how many come back at once (500)")
    parser.add_argument(
        "--turns", type=int, default=2000, help="how many beside those who do not read (2000)"
    )
    parser.add_argument("--seed", type=int, default=20267001, help="what is random follows from this")
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    if wrong := [part for part in parts if part not in PARTS]:
        parser.error(f"there is no part {', '.join(wrong)}; there are {', '.join(PARTS)}")
    for part in parts:
        started = time.monotonic()
        print(f"\n{part}: {(PARTS[part].__doc__ or '').splitlines()[0]}", flush=True)
        PARTS[part](options)
        say(f"({time.monotonic() - started:.0f} s)")
    print(f"\n{len(broken)} laws broken." if broken else "\nEvery law held.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
