"""Nudges: what is due is in rows, a lost task is found by the sweep (worker.py)."""

from __future__ import annotations

from django_tasks import task


@task(priority=10)
def process_version(version_id: str) -> None:
    from .process import process

    process(version_id)


@task(priority=-50)
def draw_version(version_id: str) -> None:
    from .process import draw_images

    # In portions, so that a file that has just come in is read before the pictures of a long one are done.
    if draw_images(version_id):
        draw_version.enqueue(version_id)
