"""Photographs, CCTV frames and scans, drawn with Pillow: they look like pictures and have no text layer.

Every picture is a function of its name and the seed. Grain comes from `random.randbytes`, because Pillow's own
noise cannot be seeded.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader

from casebundle.demo import story
from casebundle.demo.layout import A4L, Paper, font_file

Rgb = tuple[int, int, int]
SIZE = (960, 640)

# Number n of the album PW/1 is ALBUM[n - 1]: (scene, caption)
ALBUM: list[tuple[str, str]] = [
    ("yard", "Rear yard of Unit 7 from the south gate, general view"),
    ("yard_wide", "Rear yard from the roof of Unit 5"),
    ("gate", "South gate, looking to Calder Lane"),
    ("door", "Loading door of Unit 7 with lower slats cut"),
    ("door_close", "Loading door, left cut, with scale"),
    ("door_close", "Loading door, right cut, with scale"),
    ("slat", "Cut slat on the ground, PW/4 before removal"),
    ("line", "Steel cover removed; four screws on top of it"),
    ("line_close", "Telephone line, cut once"),
    ("glove", "Grey work glove by the kerb, PW/5"),
    ("glove_close", "PW/5 with scale"),
    ("disc", "Worn cutting disc at the foot of the wall, PW/6"),
    ("disc", "PW/6 with scale, other face"),
    ("fence", "Rear fence from the towpath, below the lamp of Unit 6"),
    ("gatehouse", "Gatehouse at the north gate"),
    ("yard", "View from the gatehouse to Unit 5; Unit 7 is not in sight"),
    ("layby", "Lay-by on Calder Lane, 200 metres from the south gate"),
    ("tyre", "Tyre marks at the south gate"),
    ("bay", "Loading bay from inside, door cut"),
    ("bay", "Loading bay, looking to the secure room"),
    ("glassdoor", "Office door, lower panel broken"),
    ("glass", "Glass on the office floor"),
    ("shoe", "Mark of a right shoe in dust, before lifting, PW/2"),
    ("shoe", "Mark PW/2 under slanting light, with scale"),
    ("hole", "Hole in the wall of the secure room"),
    ("hole", "Hole with scale: 71 by 62 centimetres"),
    ("shelves", "Inside the secure room: empty shelves"),
    ("shelves", "Three trays upside down on the floor"),
    ("panel", "Alarm panel in the office"),
    ("lockup", "Unit 12, Wellbeck Yard"),
    ("bench", "Workbench in Unit 12; notebook JC/1 in the drawer"),
    ("holdall", "Holdall behind the bicycle, JC/2"),
    ("watches", "Fourteen watches, JC/2"),
    ("grinder", "Angle grinder on the shelf, JC/3"),
    ("cash", "Biscuit tin with cash, JC/4"),
    ("plates", "Number plates behind the door, JC/5"),
    ("trainers", "Trainers on the rack at 14 Cragside Terrace, IS/1"),
    ("box", "Empty box for a Nokia telephone in the door of the Golf"),
    ("barrow", "Wheelbarrow with burnt matter, 14 Cragside Terrace"),
    ("van", "White Ford Transit YK19 VTF at Kirk Van Hire"),
    ("quay", "Caernarfon: the quay and the car park"),
    ("shop", "Caernarfon: Tŷ Aur, Stryd y Llyn"),
    ("counter", "Tŷ Aur: the counter"),
    ("watches", "Three watches, SL/2"),
]


def grain(im: Image.Image, rnd: random.Random, strength: int = 18, coarse: int = 2) -> Image.Image:
    """Film grain over a picture: `strength` of 255."""
    w, h = im.size
    small = (w // coarse, h // coarse)
    noise = Image.frombytes("L", small, rnd.randbytes(small[0] * small[1])).resize(
        (w, h), Image.Resampling.BILINEAR
    )
    noise = noise.point([int((v - 128) * strength / 128) + 128 for v in range(256)])
    if im.mode == "RGB":
        noise = Image.merge("RGB", (noise, noise, noise))
    return ImageChops.add(im, noise, 1, -128)


def gradient(size: tuple[int, int], top: Rgb, low: Rgb) -> Image.Image:
    """Top to bottom."""
    column = Image.new("RGB", (1, 2))
    column.putpixel((0, 0), top)
    column.putpixel((0, 1), low)
    return column.resize(size, Image.Resampling.BILINEAR)


def glow(im: Image.Image, x: float, y: float, radius: float, colour: Rgb) -> Image.Image:
    """Light from a lamp at a place."""
    layer = Image.radial_gradient("L").resize((int(radius * 2), int(radius * 2)))
    layer = ImageChops.invert(layer)
    tint = Image.new("RGB", im.size)
    for band, value in enumerate(colour):
        mask = Image.new("L", im.size)
        mask.paste(
            layer.point([int(v * value / 255) for v in range(256)]), (int(x - radius), int(y - radius))
        )
        bands = list(tint.split())
        bands[band] = mask
        tint = Image.merge("RGB", bands)
    return ImageChops.screen(im, tint)


def texture(
    draw: ImageDraw.ImageDraw,
    rnd: random.Random,
    box: tuple[int, int, int, int],
    base: Rgb,
    spread: int,
    count: int,
    dot: int = 3,
) -> None:
    """Gravel, dust, concrete: many small spots around a colour."""
    x0, y0, x1, y1 = box
    for _ in range(count):
        x, y = rnd.randint(x0, x1), rnd.randint(y0, y1)
        k = rnd.randint(-spread, spread)
        r = rnd.randint(1, dot)
        draw.ellipse((x, y, x + r * 2, y + r), fill=(base[0] + k, base[1] + k, base[2] + k))


def scale_bar(draw: ImageDraw.ImageDraw, x: int, y: int, length: int = 300) -> None:
    """The black and white rule of a scene photograph."""
    draw.rectangle((x - 4, y - 4, x + length + 4, y + 26), fill=(240, 240, 235))
    for i in range(10):
        draw.rectangle(
            (x + i * length // 10, y, x + (i + 1) * length // 10, y + 12),
            fill=(15, 15, 15) if i % 2 == 0 else (250, 250, 250),
        )
    for i in range(11):
        draw.line((x + i * length // 10, y + 12, x + i * length // 10, y + 20), fill=(0, 0, 0))


def marker(draw: ImageDraw.ImageDraw, x: int, y: int, number: int, fonts: Path) -> None:
    """A yellow evidence marker with its number."""
    draw.polygon([(x, y), (x + 54, y), (x + 46, y - 62), (x + 8, y - 62)], fill=(226, 186, 20))
    draw.text(
        (x + 27, y - 30),
        str(number),
        fill=(10, 10, 10),
        font=ImageFont.truetype(str(font_file("sans-b", fonts)), 40),
        anchor="mm",
    )


def building(rnd: random.Random, night: bool, cut: bool, wide: bool) -> Image.Image:
    w, h = SIZE
    im = gradient(
        SIZE, (18, 22, 34) if night else (168, 182, 196), (46, 44, 52) if night else (205, 206, 200)
    )
    d = ImageDraw.Draw(im)
    ground = int(h * (0.62 if wide else 0.70))
    base = (58, 58, 60) if night else (128, 126, 120)
    d.rectangle((0, ground, w, h), fill=base)
    texture(d, rnd, (0, ground, w, h - 8), base, 14, 5000)
    left, right, top = int(w * 0.08), int(w * 0.94), int(h * (0.30 if wide else 0.10))
    wall = (74, 82, 92) if night else (142, 152, 160)
    d.rectangle((left, top, right, ground), fill=wall)
    for x in range(left, right, 11):
        d.line((x, top, x, ground), fill=(wall[0] - 8, wall[1] - 8, wall[2] - 8), width=2)
    d.polygon(
        [(left - 10, top), (right + 10, top), (right - 20, top - 34), (left + 40, top - 34)],
        fill=(wall[0] - 22, wall[1] - 22, wall[2] - 18),
    )
    dx0, dx1, dy0 = int(w * 0.38), int(w * 0.66), int(top + (ground - top) * 0.22)
    d.rectangle((dx0 - 10, dy0 - 12, dx1 + 10, ground), fill=(38, 40, 44))
    for y in range(dy0, ground, 15):
        shade = 120 + (y % 3) * 6 if not night else 88
        d.rectangle((dx0, y, dx1, y + 12), fill=(shade, shade + 2, shade - 2))
    if cut:
        d.rectangle((dx0 + 30, ground - 56, dx1 - 34, ground), fill=(9, 9, 10))
        d.line((dx0 + 30, ground - 56, dx0 + 30, ground), fill=(220, 222, 224), width=3)
        d.line((dx1 - 34, ground - 56, dx1 - 34, ground), fill=(220, 222, 224), width=3)
        for k in range(3):
            d.polygon(
                [
                    (dx0 + 20 + k * 60, ground + 26 + k * 14),
                    (dx0 + 200 + k * 50, ground + 18 + k * 15),
                    (dx0 + 204 + k * 50, ground + 28 + k * 15),
                    (dx0 + 24 + k * 60, ground + 36 + k * 14),
                ],
                fill=(112, 114, 112),
            )
    d.rectangle((int(w * 0.76), int(ground - h * 0.26), int(w * 0.83), ground), fill=(52, 60, 70))
    d.rectangle((int(w * 0.14), dy0, int(w * 0.28), dy0 + 60), fill=(30, 34, 40))
    im = im.filter(ImageFilter.GaussianBlur(1.2))
    if night:
        im = glow(im, w * 0.30, top + 10, 260, (190, 150, 90))
        im = glow(im, w * 0.86, top + 6, 210, (170, 140, 90))
    return im


def floor(
    rnd: random.Random, base: Rgb, spots: int = 9000, dot: int = 2
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    im = gradient(SIZE, tuple(min(255, c + 14) for c in base), tuple(max(0, c - 16) for c in base))  # type: ignore[arg-type]
    d = ImageDraw.Draw(im)
    texture(d, rnd, (0, 0, SIZE[0], SIZE[1]), base, 12, spots, dot)
    return im, d


def interior(rnd: random.Random, fonts: Path, what: str) -> Image.Image:
    w, h = SIZE
    im = Image.new("RGB", SIZE, (92, 94, 96))
    d = ImageDraw.Draw(im)
    vx = w * 0.52
    d.polygon([(0, 0), (w, 0), (w * 0.72, h * 0.24), (w * 0.30, h * 0.24)], fill=(70, 72, 76))
    d.polygon([(0, h), (w, h), (w * 0.72, h * 0.62), (w * 0.30, h * 0.62)], fill=(122, 120, 114))
    d.rectangle((w * 0.30, h * 0.24, w * 0.72, h * 0.62), fill=(134, 136, 136))
    d.polygon([(0, 0), (w * 0.30, h * 0.24), (w * 0.30, h * 0.62), (0, h)], fill=(104, 106, 110))
    d.polygon([(w, 0), (w * 0.72, h * 0.24), (w * 0.72, h * 0.62), (w, h)], fill=(96, 99, 103))
    for k in range(9):
        x = w * k / 8
        d.line((x, h, vx + (x - vx) * 0.42, h * 0.62), fill=(110, 108, 102), width=2)
    if what in ("bay", "shelves"):
        for side in (0, 1):
            for lvl in range(4):
                y0, y1 = h * (0.16 + lvl * 0.20), h * (0.30 + lvl * 0.09)
                if side == 0:
                    d.line((0, y0, w * 0.30, y1), fill=(62, 66, 78), width=9)
                else:
                    d.line((w, y0, w * 0.72, y1), fill=(62, 66, 78), width=9)
    if what == "bay":
        d.rectangle((w * 0.44, h * 0.36, w * 0.58, h * 0.62), fill=(58, 60, 66))
        d.rectangle((w * 0.455, h * 0.56, w * 0.565, h * 0.62), fill=(226, 228, 232))
    if what == "shelves":
        for k in range(3):
            x, y = w * (0.34 + k * 0.13), h * (0.72 + 0.05 * (k % 2))
            d.polygon([(x, y), (x + 120, y + 8), (x + 104, y + 44), (x - 14, y + 34)], fill=(44, 30, 52))
            d.line((x, y, x + 120, y + 8), fill=(96, 82, 104), width=3)
    texture(d, rnd, (0, int(h * 0.64), w, h), (124, 121, 115), 12, 3500)
    im = im.filter(ImageFilter.GaussianBlur(1.0))
    return glow(im, w * 0.5, h * 0.1, 340, (110, 110, 100))


def picture(scene: str, seed: int, number: int, fonts: Path) -> Image.Image:
    """A photograph of PW/1, 960 by 640 pixels."""
    rnd = random.Random(f"photo {scene} {number} {seed}")
    w, h = SIZE
    if scene in ("yard", "yard_wide", "door", "gatehouse", "lockup", "shop", "gate"):
        im = building(rnd, night=False, cut=scene == "door", wide=scene != "door")
        d = ImageDraw.Draw(im)
        if scene == "shop":
            d.rectangle((w * 0.30, h * 0.22, w * 0.74, h * 0.31), fill=(30, 64, 52))
            d.text(
                (w * 0.52, h * 0.265),
                "TŶ AUR   gemydd · jeweller",
                fill=(224, 196, 110),
                font=ImageFont.truetype(str(font_file("serif-b", fonts)), 30),
                anchor="mm",
            )
        if scene == "lockup":
            d.text(
                (w * 0.52, h * 0.40),
                "12",
                fill=(240, 240, 236),
                font=ImageFont.truetype(str(font_file("sans-b", fonts)), 66),
                anchor="mm",
            )
        if scene == "gate":
            for x in range(0, w, 34):
                d.line((x, h * 0.2, x, h * 0.86), fill=(60, 74, 62), width=6)
            d.line((0, h * 0.3, w, h * 0.3), fill=(60, 74, 62), width=8)
        if scene == "door":
            marker(d, 250, 590, 1, fonts)
            marker(d, 760, 600, 2, fonts)
    elif scene in ("door_close", "slat"):
        im, d = floor(rnd, (118, 120, 124), 3000)
        for y in range(0, h, 78):
            d.rectangle((0, y, w, y + 70), fill=(134 + y % 9, 137 + y % 7, 140))
            d.line((0, y + 71, w, y + 71), fill=(66, 68, 70), width=6)
        if scene == "door_close":
            x = 360 if number % 2 else 540
            d.polygon(
                [(x, 180), (w if number % 2 else 0, 180), (w if number % 2 else 0, h), (x + 6, h)],
                fill=(12, 12, 14),
            )
            for k in range(70):
                y = 180 + k * 6.6
                d.line(
                    (x - rnd.randint(2, 12), y, x + 3, y + 2), fill=(210 + rnd.randint(-20, 30),) * 3, width=2
                )
        else:
            d.polygon([(180, 300), (760, 250), (770, 330), (190, 386)], fill=(150, 152, 150))
            d.line((760, 250, 770, 330), fill=(236, 238, 240), width=5)
        scale_bar(d, 80, 560)
    elif scene in ("line", "line_close", "panel", "box"):
        im, d = floor(rnd, (142, 122, 106), 2500)
        for y in range(0, h, 46):
            d.line((0, y, w, y), fill=(112, 98, 88), width=3)
            for x in range((y // 46 % 2) * 60, w, 120):
                d.line((x, y, x, y + 46), fill=(112, 98, 88), width=3)
        d.rectangle((330, 130, 630, 500), fill=(176, 178, 176), outline=(90, 92, 92), width=5)
        if scene == "panel":
            d.rectangle((380, 170, 580, 240), fill=(70, 96, 62))
            d.text(
                (480, 205),
                "02:11 NO PATH",
                fill=(20, 30, 16),
                font=ImageFont.truetype(str(font_file("mono", fonts)), 22),
                anchor="mm",
            )
            for r in range(4):
                for c in range(3):
                    d.rounded_rectangle(
                        (392 + c * 64, 270 + r * 52, 436 + c * 64, 308 + r * 52),
                        6,
                        fill=(230, 230, 226),
                        outline=(80, 80, 80),
                    )
        elif scene == "box":
            d.rectangle((330, 130, 630, 500), fill=(34, 72, 132))
            d.text(
                (480, 230),
                "NOKIA",
                fill=(240, 240, 240),
                font=ImageFont.truetype(str(font_file("sans-b", fonts)), 54),
                anchor="mm",
            )
            d.rounded_rectangle((440, 290, 520, 460), 12, fill=(18, 18, 20))
        else:
            d.line((480, 130, 470, 310), fill=(226, 224, 214), width=12)
            d.line((486, 352, 500, 500), fill=(226, 224, 214), width=12)
            for x in (466, 474):
                d.line((x, 306, x - 6, 326), fill=(184, 110, 60), width=3)
        scale_bar(d, 80, 570)
    elif scene in ("glove", "glove_close"):
        im, d = floor(rnd, (96, 97, 98), 14000, 3)
        if scene == "glove":
            d.rectangle((0, 90, w, 170), fill=(158, 156, 150))
        s, ox, oy = (1.0, 330, 220) if scene == "glove" else (1.5, 240, 120)
        d.rounded_rectangle((ox, oy + 120 * s, ox + 170 * s, oy + 290 * s), int(34 * s), fill=(128, 130, 136))
        for k, (length, tilt) in enumerate([(120, -18), (142, -6), (134, 6), (104, 20)]):
            x = ox + (8 + k * 42) * s
            d.line(
                (x + 18 * s, oy + 140 * s, x + (18 + tilt) * s, oy + (150 - length) * s),
                fill=(122, 124, 130),
                width=int(34 * s),
            )
        d.line(
            (ox + 160 * s, oy + 230 * s, ox + 226 * s, oy + 150 * s), fill=(122, 124, 130), width=int(36 * s)
        )
        d.rectangle((ox + 14 * s, oy + 276 * s, ox + 156 * s, oy + 306 * s), fill=(44, 46, 52))
        texture(
            d,
            rnd,
            (int(ox), int(oy + 130 * s), int(ox + 160 * s), int(oy + 270 * s)),
            (116, 116, 120),
            14,
            500,
            3,
        )
        scale_bar(d, 80, 570)
        marker(d, 800, 560, 5, fonts)
        im = im.filter(ImageFilter.GaussianBlur(1.3))
    elif scene in ("disc", "grinder"):
        im, d = floor(rnd, (132, 128, 120), 12000, 3)
        if scene == "disc":
            d.ellipse((330, 130, 640, 440), fill=(52, 50, 50))
            for k in range(70):
                a = k * math.tau / 70
                d.line(
                    (
                        485 + 60 * math.cos(a),
                        285 + 60 * math.sin(a),
                        485 + 152 * math.cos(a),
                        285 + 152 * math.sin(a),
                    ),
                    fill=(66, 63, 60),
                    width=2,
                )
            d.ellipse((432, 232, 538, 338), fill=(150, 40, 30))
            d.ellipse((464, 264, 506, 306), fill=(132, 128, 120))
        else:
            d.rounded_rectangle((220, 250, 620, 350), 40, fill=(28, 86, 78))
            d.rounded_rectangle((560, 220, 730, 380), 30, fill=(150, 152, 154))
            d.ellipse((650, 320, 790, 420), fill=(60, 60, 62))
            d.line((220, 300, 60, 430), fill=(16, 16, 16), width=12)
        scale_bar(d, 100, 560)
        im = im.filter(ImageFilter.GaussianBlur(1.0))
    elif scene in ("fence", "layby", "quay", "tyre"):
        im = gradient(SIZE, (150, 168, 186), (198, 198, 188))
        d = ImageDraw.Draw(im)
        ground = 360
        base = {
            "fence": (98, 106, 78),
            "layby": (104, 104, 106),
            "quay": (120, 118, 112),
            "tyre": (112, 108, 100),
        }[scene]
        d.rectangle((0, ground, w, h), fill=base)
        if scene == "quay":
            for x0, tall in ((60, 170), (210, 230), (390, 190), (560, 250), (720, 180)):
                d.rectangle((x0, ground - tall, x0 + 96, ground), fill=(136, 130, 120))
                for b in range(x0, x0 + 96, 24):
                    d.rectangle((b, ground - tall - 16, b + 13, ground - tall), fill=(136, 130, 120))
            d.rectangle((60, ground - 110, 816, ground), fill=(128, 122, 112))
            d.polygon([(0, 430), (w, 400), (w, 500), (0, 540)], fill=(92, 116, 132))
        elif scene == "fence":
            d.polygon([(0, 470), (w, 420), (w, 520), (0, 600)], fill=(146, 138, 122))
            for x in range(0, w, 22):
                d.line((x, 150, x, 400), fill=(80, 88, 84), width=4)
            d.line((620, 40, 620, 400), fill=(50, 52, 54), width=10)
            d.ellipse((586, 22, 654, 54), fill=(240, 226, 170))
        else:
            d.polygon([(w * 0.1, h), (w * 0.44, ground), (w * 0.56, ground), (w, h)], fill=(78, 78, 82))
            if scene == "tyre":
                for off in (0, 170):
                    for k in range(44):
                        y = ground + k * 6.4
                        x = 380 + off - k * 3
                        d.line((x, y, x + 34 + k * 0.4, y + 3), fill=(44, 42, 42), width=3)
        texture(d, rnd, (0, ground, w, h), base, 16, 6000, 3)
        im = im.filter(ImageFilter.GaussianBlur(1.1))
    elif scene in ("bay", "shelves"):
        im = interior(rnd, fonts, scene)
    elif scene in ("glassdoor", "hole", "counter"):
        im = interior(rnd, fonts, "none")
        d = ImageDraw.Draw(im)
        if scene == "hole":
            d.rectangle((0, 0, w, h), fill=(168, 170, 168))
            for x in range(0, w, 240):
                d.line((x, 0, x, h), fill=(138, 140, 140), width=4)
            jag = [(300 + rnd.randint(-7, 7), 150 + k * 30) for k in range(12)] + [
                (300 + k * 32, 490 + rnd.randint(-6, 6)) for k in range(12)
            ]
            jag += [(660 + rnd.randint(-7, 7), 490 - k * 30) for k in range(12)] + [
                (660 - k * 32, 150 + rnd.randint(-6, 6)) for k in range(11)
            ]
            d.polygon(jag, fill=(10, 10, 12))
            d.line([*jag, jag[0]], fill=(228, 230, 232), width=4)
            texture(d, rnd, (200, 500, 760, 630), (196, 194, 190), 12, 1600, 3)
            scale_bar(d, 330, 560)
        elif scene == "counter":
            d.rectangle((0, 400, w, h), fill=(94, 62, 40))
            d.rectangle((60, 330, 900, 410), fill=(190, 206, 210))
            for x in range(90, 880, 46):
                d.ellipse((x, 352, x + 26, 378), outline=(186, 150, 60), width=5)
        else:
            d.rectangle((330, 40, 640, 620), fill=(126, 92, 62), outline=(70, 52, 38), width=6)
            d.rectangle((372, 80, 600, 300), fill=(186, 202, 206))
            d.rectangle((372, 350, 600, 590), fill=(24, 24, 26))
            for _ in range(16):
                x = rnd.randint(372, 600)
                y = rnd.choice([350, 590])
                d.polygon(
                    [
                        (x, y),
                        (x + rnd.randint(14, 50), y),
                        (x + rnd.randint(-10, 40), y + (70 if y == 350 else -80) * rnd.random()),
                    ],
                    fill=(178, 196, 200),
                )
    elif scene == "glass":
        im, d = floor(rnd, (94, 88, 84), 5000)
        for _ in range(260):
            x, y, r = rnd.gauss(480, 190), rnd.gauss(320, 120), rnd.uniform(4, 34)
            points = [
                (x + r * math.cos(a) * rnd.uniform(0.5, 1), y + r * math.sin(a) * rnd.uniform(0.5, 1))
                for a in sorted(rnd.uniform(0, math.tau) for _ in range(4))
            ]
            k = rnd.randint(150, 240)
            d.polygon(points, fill=(k - 14, k, k), outline=(240, 246, 246))
        scale_bar(d, 80, 570)
    elif scene == "shoe":
        im, d = floor(rnd, (128, 124, 116), 12000)
        light = 36 if number % 2 == 0 else 22
        tread = (128 - light, 124 - light, 116 - light)
        outline = Image.new("L", SIZE)
        od = ImageDraw.Draw(outline)
        od.ellipse((470, 190, 800, 380), fill=255)
        od.polygon([(300, 225), (640, 195), (640, 372), (300, 352)], fill=255)
        od.ellipse((180, 215, 360, 360), fill=255)
        marks = Image.new("L", SIZE)
        md = ImageDraw.Draw(marks)
        for k in range(26):
            x = 190 + k * 24
            md.line((x, 180, x + 20, 285), fill=255, width=9)
            md.line((x + 20, 285, x, 390), fill=255, width=9)
        md.ellipse((560, 230, 690, 340), outline=255, width=10)
        im.paste(Image.new("RGB", SIZE, tread), mask=ImageChops.multiply(outline, marks))
        im = im.filter(ImageFilter.GaussianBlur(1.4))
        scale_bar(ImageDraw.Draw(im), 200, 470, 500)
        im = im.rotate(6, fillcolor=(120, 116, 110))
    elif scene in ("bench", "holdall", "cash", "watches", "plates", "trainers", "barrow"):
        im, d = floor(rnd, (126, 104, 80) if scene in ("bench", "cash", "watches") else (112, 110, 106), 5000)
        if scene == "bench":
            d.rectangle((0, 330, w, 420), fill=(150, 118, 82))
            d.rectangle((280, 430, 640, 560), fill=(96, 72, 50), outline=(50, 38, 28), width=5)
            d.polygon([(360, 440), (560, 446), (554, 520), (352, 512)], fill=(168, 30, 36))
            for k in range(12):
                d.ellipse((362 + k * 16, 434, 372 + k * 16, 450), outline=(220, 220, 220), width=2)
        elif scene == "holdall":
            for cx in (260, 700):
                d.ellipse((cx - 150, 200, cx + 150, 500), outline=(24, 24, 26), width=12)
            d.line((260, 350, 460, 220, 700, 350, 430, 360, 260, 350), fill=(160, 30, 34), width=12)
            d.rounded_rectangle((330, 380, 660, 560), 50, fill=(32, 50, 106))
            d.arc((420, 320, 570, 440), 180, 360, fill=(20, 32, 70), width=12)
        elif scene == "cash":
            d.rounded_rectangle((250, 150, 710, 500), 22, fill=(40, 62, 120), outline=(180, 150, 60), width=8)
            for k in range(5):
                x = 290 + k * 80
                d.rectangle((x, 200, x + 70, 450), fill=(150, 118, 150) if k % 2 else (170, 140, 96))
                d.rectangle((x, 300, x + 70, 336), fill=(230, 226, 214))
        elif scene == "watches":
            count = 3 if number == 44 else 14
            for k in range(count):
                x, y = (220 + k * 210, 230) if count == 3 else (90 + (k % 7) * 118, 90 + (k // 7) * 250)
                metal = rnd.choice([(186, 188, 190), (196, 164, 84), (150, 152, 156)])
                d.rounded_rectangle((x + 22, y - 56, x + 58, y + 150), 8, fill=tuple(c - 50 for c in metal))
                d.ellipse((x, y, x + 80, y + 80), fill=metal)
                d.ellipse(
                    (x + 9, y + 9, x + 71, y + 71),
                    fill=rnd.choice([(20, 24, 40), (236, 234, 226), (16, 50, 44)]),
                )
                a = rnd.uniform(0, math.tau)
                d.line(
                    (x + 40, y + 40, x + 40 + 22 * math.cos(a), y + 40 + 22 * math.sin(a)),
                    fill=(210, 60, 40),
                    width=3,
                )
            scale_bar(d, 90, 560)
        elif scene == "plates":
            face = ImageFont.truetype(str(font_file("sans-b", fonts)), 96)
            for y, colour in ((150, (240, 240, 238)), (350, (236, 200, 60))):
                d.rounded_rectangle((180, y, 780, y + 140), 12, fill=colour, outline=(30, 30, 30), width=4)
                d.text((480, y + 70), story.PLATE, fill=(12, 12, 12), font=face, anchor="mm")
                for x in (204, 756):
                    d.ellipse((x - 7, y + 63, x + 7, y + 77), fill=(170, 172, 174))
        elif scene == "trainers":
            for k in (0, 1):
                x = 180 + k * 320
                d.polygon(
                    [(x, 400), (x + 20, 260), (x + 110, 240), (x + 150, 320), (x + 270, 360), (x + 280, 410)],
                    fill=(214, 214, 210),
                )
                d.rounded_rectangle((x - 6, 396, x + 288, 436), 16, fill=(240, 240, 238))
                for s in range(4):
                    d.line(
                        (x + 112 + s * 22, 270 + s * 20, x + 140 + s * 22, 262 + s * 22),
                        fill=(70, 70, 76),
                        width=5,
                    )
        else:
            d.polygon([(200, 220), (760, 220), (660, 450), (300, 450)], fill=(64, 92, 70))
            texture(d, rnd, (300, 240, 650, 380), (24, 23, 22), 14, 1400, 8)
            d.ellipse((420, 440, 540, 560), fill=(22, 22, 24))
        im = im.filter(ImageFilter.GaussianBlur(1.1))
    else:
        im = gradient(SIZE, (172, 186, 200), (150, 148, 144))
        d = ImageDraw.Draw(im)
        d.rectangle((0, 450, w, h), fill=(112, 111, 108))
        van(d, 200, 210, 1.0, (232, 234, 234), story.VAN, fonts)
        im = im.filter(ImageFilter.GaussianBlur(0.9))
    return grain(vignette(im), rnd, 16)


def van(
    d: ImageDraw.ImageDraw, x: float, y: float, s: float, paint: Rgb, plate: str, fonts: Path | None
) -> None:
    """A Transit from the side and a little behind."""
    d.polygon(
        [
            (x, y),
            (x + 400 * s, y),
            (x + 520 * s, y + 110 * s),
            (x + 570 * s, y + 150 * s),
            (x + 575 * s, y + 250 * s),
            (x, y + 250 * s),
        ],
        fill=paint,
    )
    d.polygon(
        [(x + 395 * s, y + 20 * s), (x + 500 * s, y + 112 * s), (x + 390 * s, y + 112 * s)], fill=(40, 48, 58)
    )
    d.line(
        (x + 250 * s, y + 10 * s, x + 250 * s, y + 240 * s),
        fill=tuple(c - 40 for c in paint),
        width=max(1, int(3 * s)),
    )
    for wx in (90, 460):
        d.ellipse((x + (wx - 48) * s, y + 200 * s, x + (wx + 48) * s, y + 296 * s), fill=(22, 22, 24))
        d.ellipse((x + (wx - 22) * s, y + 226 * s, x + (wx + 22) * s, y + 270 * s), fill=(120, 120, 122))
    if fonts:
        d.rectangle((x + 14 * s, y + 170 * s, x + 134 * s, y + 198 * s), fill=(236, 200, 60))
        d.text(
            (x + 74 * s, y + 184 * s),
            plate,
            fill=(10, 10, 10),
            font=ImageFont.truetype(str(font_file("sans-b", fonts)), max(6, int(22 * s))),
            anchor="mm",
        )


def vignette(im: Image.Image) -> Image.Image:
    mask = (
        Image.radial_gradient("L")
        .resize(im.size)
        .point([255 - int(max(0, v - 120) * 0.55) for v in range(256)])
    )
    return ImageChops.multiply(im, Image.merge("RGB", (mask, mask, mask)))


def jpeg(im: Image.Image, quality: int = 72) -> bytes:
    """The picture as a JPEG file."""
    out = BytesIO()
    im.save(out, "JPEG", quality=quality, optimize=False)
    return out.getvalue()


# Stills: camera, clock, what is seen, scene
STILLS: list[tuple[int, str, str, str]] = [
    (1, "22:00:00", "South gate shut. Nobody in view", "empty"),
    (1, "00:14:22", "A fox crosses the yard from left to right", "empty"),
    (2, "01:24:16", "Keith Ramsden tries the loading door with his hand and walks on", "one"),
    (1, "01:50:41", "A white Ford Transit stops outside the south gate. Its lights go out", "van"),
    (2, "02:05:58", "The chain of the south gate is lifted off by somebody out of view", "empty"),
    (2, "02:06:40", "Two people on foot cross the yard; one wears a hat with a pompom", "two"),
    (2, "02:07:12", "The taller carries a ladder, the shorter a bag over the shoulder", "two"),
    (2, "02:10:55", "The shorter kneels at the wall by the steel cover", "one"),
    (2, "02:11:33", "The shorter stands up. The line fault is received at this second (YC/1)", "one"),
    (2, "02:13:50", "The shorter puts a hand to the side of the head, as if with a telephone", "one"),
    (
        2,
        "02:14:27",
        "The hand is still to the head; the taller, at the gate, does the same. The eight-second call",
        "two",
    ),
    (3, "02:17:05", "Sparks at the roller door", "sparks"),
    (3, "02:20:31", "Sparks, right-hand side of the door", "sparks"),
    (3, "02:24:48", "Lower three slats out; a person enters on hands and knees", "crawl"),
    (3, "02:25:36", "The second person enters", "crawl"),
    (4, "02:26:59", "A light inside, moving to the office", "light"),
    (5, "02:31:52", "Cutting at the wall of the secure room", "sparks"),
    (5, "02:40:02", "A person goes through the hole head first", "crawl"),
    (4, "02:44:16", "First of eleven holdalls carried out", "bag"),
    (4, "02:46:10", "Fifth holdall; the hat with the pompom is pushed back from the forehead", "bag"),
    (4, "02:47:55", "Ninth holdall", "bag"),
    (2, "02:48:51", "The taller, at the van, with a hand to the head. Call of 11 seconds", "one"),
    (4, "02:50:20", "Eleventh holdall", "bag"),
    (1, "02:52:38", "Both get into the van: the shorter to drive, the taller as passenger", "van"),
    (1, "02:53:20", "White Ford Transit leaves by the south gate, no lights", "van"),
    (2, "05:55:00", "Keith Ramsden finds the door", "one"),
    (2, "06:17:44", "PC Holroyd and PC Sadiq", "two"),
]


def still(camera: int, clock: str, scene: str, seed: int, fonts: Path) -> Image.Image:
    """A frame of the recorder at night: grey, grainy, with the clock burnt in."""
    rnd = random.Random(f"still {camera} {clock} {seed}")
    w, h = 720, 480
    im = building(
        random.Random(f"camera {camera}"), night=True, cut=camera in (3, 4), wide=camera in (1, 2)
    ).resize((w, h))
    if camera in (4, 5):
        im = (
            interior(random.Random(f"camera {camera}"), fonts, "bay" if camera == 4 else "none")
            .resize((w, h))
            .point([int(v * 0.45) for v in range(256)] * 3)
        )
    d = ImageDraw.Draw(im)

    def person(x: float, y: float, s: float, hat: bool, heavy: bool, hand: bool = False) -> None:
        wide = 17 if heavy else 12
        dark = (14, 14, 16)
        d.rounded_rectangle(
            (x - wide * s, y - 78 * s, x + wide * s, y - 24 * s), int(9 * s), fill=(26, 27, 30)
        )
        d.line((x - 6 * s, y - 28 * s, x - 10 * s, y), fill=dark, width=int(10 * s))
        d.line((x + 6 * s, y - 28 * s, x + 12 * s, y), fill=dark, width=int(10 * s))
        d.ellipse((x - 9 * s, y - 100 * s, x + 9 * s, y - 78 * s), fill=(70, 68, 66))
        d.rectangle((x - 9 * s, y - 89 * s, x + 9 * s, y - 79 * s), fill=(20, 20, 22))
        if hat:
            d.pieslice((x - 11 * s, y - 108 * s, x + 11 * s, y - 84 * s), 180, 360, fill=(96, 98, 96))
            d.ellipse((x - 5 * s, y - 116 * s, x + 5 * s, y - 105 * s), fill=(214, 214, 212))
        if hand:
            d.line(
                (x + wide * s, y - 66 * s, x + 22 * s, y - 78 * s, x + 11 * s, y - 90 * s),
                fill=(32, 33, 36),
                width=int(8 * s),
            )

    phone = "02:13" in clock or "02:14" in clock or clock == "02:48:51"
    shift = rnd.randint(-40, 40)
    if scene == "one":
        tall = clock == "02:48:51"
        person(330 + shift, 420, 1.25, hat=tall, heavy=not tall, hand=phone)
    elif scene == "two":
        person(270 + shift, 424, 1.35, True, False, phone)
        person(430 + shift, 416, 1.2, False, True, phone)
    elif scene == "van":
        van(d, 130 + shift, 220, 0.78, (150, 152, 152), "", None)
    elif scene in ("crawl", "bag"):
        person(360 + shift, 420, 1.1, rnd.random() < 0.5, scene == "bag")
        d.rounded_rectangle((390 + shift, 350, 470 + shift, 400), 16, fill=(20, 22, 28))
    elif scene == "sparks":
        person(330, 420, 1.15, False, True)
        im = glow(im, 372, 384, 120, (255, 236, 190))
        d = ImageDraw.Draw(im)
        for _ in range(60):
            a, r = rnd.uniform(-0.6, 1.2), rnd.uniform(10, 130)
            d.line((372, 384, 372 + r * math.cos(a), 384 + r * math.sin(a) * 0.6), fill=(255, 250, 220))
    elif scene == "light":
        im = glow(im, 420, 260, 110, (230, 230, 220))
    im = im.convert("L").filter(ImageFilter.GaussianBlur(1.4))
    im = grain(im, rnd, 40, 2)
    d = ImageDraw.Draw(im)
    for y in range(0, h, 3):
        d.line((0, y, w, y), fill=0 if y % 120 == 0 else None)
    face = ImageFont.truetype(str(font_file("mono-b", fonts)), 18)
    day = "2025-11-06" if clock > "20" else "2025-11-07"
    d.text((14, 10), f"CAM {camera}  UNIT 7", fill=250, font=face)
    d.text((w - 14, 10), f"{day} {clock}", fill=250, font=face, anchor="ra")
    return im


def album(fonts: Callable[[], Path]) -> Callable[[Path, int], int]:
    """PW/1."""

    def build(path: Path, seed: int) -> int:
        def on_page(p: Paper) -> None:
            p.put(p.left, p.size[1] - 34, f"PW/1   Album of photographs   {story.URN}", size=8.5)

        p = Paper(
            path, title="Album of photographs PW/1", size=A4L, margins=(60, 50, 60, 40), on_page=on_page
        )
        p.space(110)
        p.text("ALBUM OF PHOTOGRAPHS", 26, "sans-b", align="centre", after=16)
        p.text("Exhibit PW/1", 18, align="centre", after=12)
        p.text(f"{story.UNIT}; {story.LOCKUP}; {story.BATES_HOME}; Caernarfon", 12, align="centre", after=30)
        p.text(
            "Photographs 1 to 29 by CSI 8112 Whitworth, 7 November 2025. 30 to 36 by CSI 8112 Whitworth, 26 November 2025. 37 to 39 by PC 5120 Sadiq, 18 November 2025. "
            "40 by DC 1745 Arkwright, 13 November 2025. 41 to 44 by DC 1745 Arkwright, 11 December 2025.",
            11,
            align="left",
        )
        p.next()
        p.heading("Index of photographs", 14)
        half = (len(ALBUM) + 1) // 2
        p.table(
            ["No", "Photograph", "No", "Photograph"],
            [
                (
                    str(i + 1),
                    ALBUM[i][1],
                    str(i + half + 1) if i + half < len(ALBUM) else "",
                    ALBUM[i + half][1] if i + half < len(ALBUM) else "",
                )
                for i in range(half)
            ],
            [24, 330, 24, 330],
            size=9,
        )
        for n, (scene, caption) in enumerate(ALBUM, 1):
            p.next()
            p.picture(jpeg(picture(scene, seed, n, fonts())), 654, 436)
            p.text(f"**Photograph {n}.** {caption}", 12, after=0)
        return p.save()

    return build


def stills(fonts: Callable[[], Path]) -> Callable[[Path, int], int]:
    """AH/2: a timeline, then a frame to a page."""

    def build(path: Path, seed: int) -> int:
        def on_page(p: Paper) -> None:
            p.put(p.left, p.size[1] - 34, "AH/2   CCTV timeline and stills from AH/1", "sans-b", 9)
            p.y = p.size[1] - 52

        p = Paper(path, title="", margins=(56, 54, 56, 44), on_page=on_page)
        p.heading("CCTV, Unit 7, Calder Lane Trade Park: timeline", 14)
        p.text(
            "Made by PC 4471 Holroyd from AH/1. The clock of the recorder was right to the second. Cameras 1 to 3 are outside, 4 to 6 inside. Night pictures are without colour. Nobody's face can be made out."
        )
        p.table(
            ["Time", "Camera", "What is seen", "Still"],
            [(t, str(c), what, str(k)) for k, (c, t, what, _) in enumerate(STILLS, 1)],
            [60, 44, 330, 34],
            size=9,
        )
        for k, (camera, clock, what, scene) in enumerate(STILLS, 1):
            if k % 2:
                p.next()
            p.picture(jpeg(still(camera, clock, scene, seed, fonts()), 60), 450, 300)
            p.text(f"**Still {k}.** Camera {camera}, {clock}. {what}.", 10.5, after=16)
        return p.save()

    return build


Page = Sequence[tuple[str, float]]
"""Lines of a scanned page: (text, size in points); an empty text is a gap."""


def scan(
    pages: Sequence[Page],
    fonts: Path,
    seed: int,
    name: str,
    font: str = "hand",
    lined: bool = True,
    ink: int = 46,
    drawing: Callable[[ImageDraw.ImageDraw, int, float], None] | None = None,
    spiral: bool = False,
) -> list[Image.Image]:
    """Pages as a scanner gives them: grey, a little askew, with specks; 120 dpi of A4."""
    out = []
    k = 120 / 72
    for n, lines in enumerate(pages):
        rnd = random.Random(f"scan {name} {n} {seed}")
        w, h = int(595 * k), int(842 * k)
        im = Image.new("L", (w, h), 238)
        d = ImageDraw.Draw(im)
        if lined:
            for y in range(int(90 * k), h - 40, int(24 * k)):
                d.line((0, y, w, y), fill=205)
            d.line((int(66 * k), 0, int(66 * k), h), fill=190)
        if spiral:
            for y in range(30, h, 44):
                d.ellipse((14, y, 34, y + 18), fill=70)
        y = 71 * k
        for text, size in lines:
            if text:
                face = ImageFont.truetype(str(font_file(font, fonts)), int(size * k))
                x = 76 * k + rnd.uniform(-3, 3)
                for word in text.split(" "):
                    # a hand does not keep to the line
                    d.text((x, y + rnd.uniform(-1.6, 1.6)), word, fill=ink + rnd.randint(-12, 24), font=face)
                    x += d.textlength(word + " ", font=face) + rnd.uniform(-1, 2)
            y += 24 * k if lined else size * 1.35 * k
        if drawing:
            drawing(d, n, k)
        for _ in range(90):
            x, yy = rnd.randint(0, w), rnd.randint(0, h)
            d.ellipse((x, yy, x + rnd.randint(0, 2), yy + rnd.randint(0, 2)), fill=rnd.randint(60, 170))
        im = im.rotate(rnd.uniform(-1.5, 1.5), resample=Image.Resampling.BICUBIC, fillcolor=198)
        edge = (
            Image.linear_gradient("L")
            .rotate(90)
            .resize((w, h))
            .point([205 + int(v * 0.2) for v in range(256)])
        )
        im = ImageChops.multiply(im, edge)
        out.append(grain(im, rnd, 14, 1).filter(ImageFilter.GaussianBlur(0.5)))
    return out


def scanned_pdf(path: Path, images: Sequence[Image.Image], title: str = "", rotate: int = 0) -> int:
    """A PDF of pictures alone, a page to each, with no text layer; `rotate` is /Rotate for pages put in sideways."""
    p = Paper(path, title=title, margins=(0, 0, 0, 0), size=(595, 842), rotate=rotate)
    for n, im in enumerate(images):
        if n:
            p.next()
        p.c.drawImage(ImageReader(BytesIO(jpeg(im, 50))), 0, 0, *p.size)
    return p.save()
