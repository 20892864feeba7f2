"""The order of hits without a rank is that of the bundle, in sections and documents of any size."""

from __future__ import annotations

from casebundle.pdf.sandbox import Limits
from search.indexing import order


def test_long_documents_and_full_sections_do_not_run_into_the_next() -> None:
    places = [
        (1, 1, 0),
        (1, 1, Limits().pages),
        (1, 2, 0),
        (1, 5_000, 0),
        (2, 1, 0),
        (2, 1, 2_414),
        (3, 1, 0),
    ]
    numbers = [order(*place) for place in places]
    assert numbers == sorted(set(numbers))
    assert order(99, 999_999, Limits().pages) < 2**63  # what the index takes
