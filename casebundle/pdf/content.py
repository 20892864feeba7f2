"""Content streams of a PDF: what draws, and what does not. Pure functions of bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

CONTENT_BYTES = 96 * 1024 * 1024  # of one content stream, unpacked

_PATH = frozenset(b"m l c v y h re".split())
_PAINT = frozenset(b"S s f F f* B B* b b* n".split())
_SHOW = frozenset(b"Tj TJ ' \"".split())
_MARKS = frozenset(b"BMC BDC EMC MP DP BX EX".split())
_OPERATORS = frozenset(
    b"w J j M d ri i gs q Q cm W W* CS cs SC SCN sc scn G g RG rg K k sh Do "
    b"BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* d0 d1".split()
)
_SPACE, _SIGNS = rb"\x00\t\n\x0c\r ", rb"\x00\t\n\x0c\r ()<>\[\]{}/%"
_TOKEN = re.compile(
    rb"(?P<space>[%s]+|%%[^\r\n]*)"
    rb"|(?P<operand>\((?:[^()\\]|\\.)*+\)|<<|>>|<[^<>]*>|[\[\]{}]|/[^%s]*|[-+.0-9][^%s]*"
    rb"|(?:true|false|null)(?![^%s]))"
    rb"|(?P<operator>[^%s]+)" % (_SPACE, _SIGNS, _SIGNS, _SIGNS, _SIGNS),
    re.DOTALL,
)
# Content in which there is nothing but operators that draw, with their operands, and marks that carry a number alone:
# most pages have no other. It is copied as it is.
_PLAIN = re.compile(
    rb"(?:[%s]++|[-+.0-9]++(?![^%s])|/[^%s]++|\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f%s]*+>|[\[\]]"
    rb"|<<[%s]*+/MCID[%s]++[0-9]++[%s]*+>>|(?:%s)(?![^%s]))*+"
    % (
        _SPACE,
        _SIGNS,
        _SIGNS,
        _SPACE,
        _SPACE,
        _SPACE,
        _SPACE,
        b"|".join(
            re.escape(one)
            for one in sorted(
                _OPERATORS | _PATH | _PAINT | _SHOW | {b"BMC", b"BDC", b"EMC"}, key=lambda one: -len(one)
            )
        ),
        _SIGNS,
    ),
    re.DOTALL,
)
_NAME = re.compile(rb"/([^%s]+)" % _SIGNS)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_INLINE_KEYS = frozenset(
    b"/W /H /BPC /CS /D /DP /F /IM /I /L /Width /Height /BitsPerComponent /ColorSpace /Decode /DecodeParms "
    b"/Filter /ImageMask /Interpolate".split()
)
_END_OF_IMAGE = re.compile(rb"[%s]EI(?![^%s])" % (_SPACE, _SIGNS))


def is_plain(content: bytes) -> bool:
    """Whether there is nothing in a content stream but what draws."""
    return _PLAIN.fullmatch(content) is not None


def names_in(content: bytes) -> set[str]:
    """The names that a content stream uses, and maybe some more."""
    return {
        _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), name).decode("latin-1")
        for name in set(_NAME.findall(content))
    }


def instructions(content: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """(operator, operands) of a content stream, comments left out; a picture within it as (BI, [all of it])."""
    at, end = 0, len(content)
    operands: list[bytes] = []
    while at < end:
        found = _TOKEN.match(content, at)
        if found is None:
            # A string with brackets in it, or a sign that belongs to nothing.
            closing = _closing(content, at) if content[at : at + 1] == b"(" else at + 1
            if closing > at + 1:
                operands.append(content[at:closing])
            at = closing
            continue
        at = found.end()
        if found.lastgroup == "operand":
            operands.append(found[0])
        elif found.lastgroup == "operator":
            if found[0] == b"BI":
                picture, at = _inline(content, at)
                yield b"BI", [picture]
            else:
                yield found[0], operands
            operands = []


def _closing(content: bytes, at: int) -> int:
    """Where a string that has brackets in it ends."""
    depth = 0
    for found in re.compile(rb"\\.|[()]", re.DOTALL).finditer(content, at):
        if found[0] == b"(":
            depth += 1
        elif found[0] == b")":
            depth -= 1
            if not depth:
                return found.end()
    return len(content)


def _inline(content: bytes, at: int) -> tuple[bytes, int]:
    """A picture within content, from behind its BI: (all of it with what describes it, where it ends)."""
    said: dict[bytes, bytes] = {}
    key, value, depth = b"", [], 0
    while found := _TOKEN.match(content, at):
        at = found.end()
        if found.lastgroup == "space":
            continue
        token = found[0]
        if found.lastgroup == "operator":
            if token != b"ID":
                return b"", at
            break
        if not key and token.startswith(b"/"):
            key = token
            continue
        value.append(token)
        depth += (token in (b"[", b"<<")) - (token in (b"]", b">>"))
        if key and depth <= 0:
            said[key] = b" ".join(value)
            key, value, depth = b"", [], 0
    else:
        return b"", len(content)
    begin = at + 1  # one sign of white space
    stop = _end_of_data(content, begin, said)
    closing = _END_OF_IMAGE.search(content, max(begin - 1, stop - 1)) or re.compile(rb"EI").search(
        content, stop
    )
    if closing is None:
        return b"", len(content)
    kept = b" ".join(b"%s %s" % pair for pair in said.items() if pair[0] in _INLINE_KEYS)
    data = content[begin : max(stop, closing.start() if stop == begin else stop)]
    return b"BI %s ID %s\nEI" % (kept, data), closing.end()


def _end_of_data(content: bytes, begin: int, said: dict[bytes, bytes]) -> int:
    """Where the data of a picture within content surely go on to; `begin` where that cannot be told."""

    def of(*names: bytes) -> bytes:
        return next((said[name] for name in names if name in said), b"")

    packing = of(b"/F", b"/Filter").strip(b"[] ").split(b" ")[0]
    if packing in (b"/Fl", b"/FlateDecode"):
        unpacking = zlib.decompressobj()
        with suppress(zlib.error):
            unpacking.decompress(content[begin:], CONTENT_BYTES)
            if unpacking.eof:
                return len(content) - len(unpacking.unused_data)
    elif not packing:
        with suppress(ValueError):
            width, height = int(of(b"/W", b"/Width")), int(of(b"/H", b"/Height"))
            mask = of(b"/IM", b"/ImageMask") == b"true"
            bits = 1 if mask else int(of(b"/BPC", b"/BitsPerComponent") or 8)
            space = of(b"/CS", b"/ColorSpace")
            colours = {b"/RGB": 3, b"/DeviceRGB": 3, b"/CMYK": 4, b"/DeviceCMYK": 4}.get(space, 1)
            size = (width * bits * colours + 7) // 8 * height
            if 0 < size <= len(content) - begin:
                return begin + size
    elif packing in (b"/DCT", b"/DCTDecode"):
        ends = content.find(b"\xff\xd9", begin)
        return ends + 2 if ends >= 0 else begin
    return begin


def _name(token: bytes) -> str:
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), token[1:]).decode("latin-1")


class _Text:
    """What decides how far text moves on: followed so that text can be left out and what is behind it stays."""

    def __init__(self) -> None:
        self.font, self.size, self.between, self.at_spaces = "", 1.0, 0.0, 0.0
        self.before: list[tuple[str, float, float, float]] = []

    def follow(self, operator: bytes, operands: list[bytes]) -> None:
        with suppress(ValueError, IndexError):
            if operator == b"Tf":
                self.font, self.size = _name(operands[-2]), float(operands[-1])
            elif operator == b"Tc":
                self.between = float(operands[-1])
            elif operator == b"Tw":
                self.at_spaces = float(operands[-1])
            elif operator == b"q":
                self.before.append((self.font, self.size, self.between, self.at_spaces))
            elif operator == b"Q" and self.before:
                self.font, self.size, self.between, self.at_spaces = self.before.pop()

    def instead(self, operator: bytes, operands: list[bytes], widths: Widths) -> list[bytes]:
        """Operators that move on as far as this text would have."""
        lines: list[bytes] = []
        if operator == b'"' and len(operands) > 2:
            lines += [operands[-3] + b" Tw", operands[-2] + b" Tc"]
            self.follow(b"Tw", operands[-3:-2])
            self.follow(b"Tc", operands[-2:-1])
        if operator in (b"'", b'"'):
            lines.append(b"T*")
        moved = 0.0
        for operand in operands:
            if operand[:1] in (b"(", b"<"):
                with suppress(ValueError):
                    found = widths(self.font, _bytes_of(operand))
                    moved += sum(found[0])
                    if self.size:
                        moved += (len(found[0]) * self.between + found[1] * self.at_spaces) * 1000 / self.size
            elif operator == b"TJ" and operand[:1] not in (b"[", b"]"):
                with suppress(ValueError):
                    moved -= float(operand)
        return [*lines, b"[%.3f] TJ" % -moved] if moved else lines


# Widths (thousandths of the size) of the characters of a string in that font, and how many are single spaces.
Widths = Callable[[str, bytes], tuple[list[float], int]]
_OCTAL = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_SHORT = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}


def _bytes_of(token: bytes) -> bytes:
    """What a string in content stands for."""
    if token.startswith(b"<"):
        digits = bytes(sign for sign in token if sign in b"0123456789abcdefABCDEF")
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())

    def one(found: re.Match[bytes]) -> bytes:
        sign = found[1]
        return bytes([int(sign, 8) & 255]) if sign[:1].isdigit() and sign[0] < 56 else _SHORT.get(sign, sign)

    return _OCTAL.sub(one, token[1:-1])


def cleaned(content: bytes, hidden: Callable[[str], bool], widths: Widths) -> bytes:
    """The content without marks and their properties, comments and unknown operators, and without what is drawn in a
    layer that is `hidden` (by its name in the page's properties).

    What such content does to the state of drawing stays, because what follows it is drawn in that state: text that is
    left out still moves on by its width. There are as many `Q` as `q`.
    """
    out: list[bytes] = []
    marks: list[bool] = []  # of each that is open: whether it hides
    path: list[bytes] = []
    depth = 0
    text = _Text()
    for operator, operands in instructions(content):
        unseen = True in marks
        line = b" ".join([*operands, operator])
        if operator in _MARKS:
            if operator == b"BDC":
                tagged = len(operands) == 2 and operands[0] == b"/OC" and operands[1].startswith(b"/")
                marks.append(tagged and hidden(_name(operands[1])))
            elif operator == b"BMC":
                marks.append(False)
            elif operator == b"EMC" and marks:
                marks.pop()
        elif operator in _PATH or operator in (b"W", b"W*"):
            path.append(line)
        elif operator in _PAINT:
            if not unseen:
                out += [*path, line]
            elif any(part in (b"W", b"W*") for part in path):
                out += [*path, b"n"]  # what follows is still cut to it
            path.clear()
        elif operator in _SHOW:
            if operator == b'"':
                text.follow(b"Tw", operands[-3:-2])
                text.follow(b"Tc", operands[-2:-1])
            out += text.instead(operator, operands, widths) if unseen else [line]
        elif operator == b"BI":
            if operands[0] and not unseen:
                out.append(operands[0])
        elif operator in (b"Do", b"sh"):
            if not unseen:
                out.append(line)
        elif operator in _OPERATORS and (operator != b"Q" or depth):
            depth += (operator == b"q") - (operator == b"Q")
            text.follow(operator, operands)
            out.append(line)
    return b"\n".join([*out, *[b"Q"] * depth])
