"""The words of a page survive being packed, however odd they are."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebundle.bundles import layers

edge = st.floats(-0.5, 1.5).map(lambda n: round(n, 5))
word = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.split() == [text]
)
rows = st.lists(st.tuples(edge, edge, edge, edge, word), max_size=20)


@given(rows, st.sampled_from([" ", "\n", "  \n", "-\n"]))
def test_what_goes_in_comes_out(words, between):
    text = between.join(row[4] for row in words)
    packed = layers.pack(text, words)
    assert layers.layer(packed) == {"text": text, "words": [list(row) for row in words]}
    assert layers.text(packed) == text
    boxes = layers.boxes(packed)
    assert list(boxes) == [list(row[:4]) for row in words]
    assert [boxes[n] for n in range(len(boxes))] == list(boxes)
    assert boxes[1:] == list(boxes)[1:]
    with pytest.raises(IndexError):
        boxes[len(boxes)]


def test_more_digits_than_are_kept_are_rounded():
    packed = layers.pack("knife", [(0.1234567, 0.2, 0.3000049, 1.0, "knife")])
    assert list(layers.boxes(packed)) == [[0.12346, 0.2, 0.3, 1.0]]


def test_a_page_packed_the_earlier_way_is_read():
    found = {"text": "a knife", "words": [[0.1, 0.2, 0.3, 0.4, "a"], [0.5, 0.2, 0.7, 0.4, "knife"]]}
    packed = zlib.compress(json.dumps(found).encode())
    assert layers.layer(packed) == found
    assert layers.text(packed) == "a knife"
    assert list(layers.boxes(packed)) == [[0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.7, 0.4]]


def test_words_that_are_not_those_of_the_text_are_kept_all_the_same():
    words = [[0.1, 0.2, 0.3, 0.4, "other"]]
    assert layers.layer(layers.pack("a knife", words)) == {"text": "a knife", "words": words}


def test_it_is_small():
    words = [
        (n % 10 / 10, n // 10 / 50, n % 10 / 10 + 0.08, n // 10 / 50 + 0.012, f"word{n}") for n in range(350)
    ]
    packed = layers.pack(" ".join(row[4] for row in words), words)
    assert len(packed) < 2200
