from __future__ import annotations

from django.db import models


class Sign(models.Model):
    """A process that is alive, or was lately: it says so every few seconds (signs.py)."""

    process = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=20)
    since = models.DateTimeField()
    seen = models.DateTimeField(db_index=True)
