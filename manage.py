#!/usr/bin/env python
"""Django's command line for casebundle."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.DATA_DIR
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    # People write move-to-servers and back-up; Python's modules cannot be called so.
    name = [argument.replace("-", "_") for argument in sys.argv[1:2] if not argument.startswith("-")]
    execute_from_command_line([*sys.argv[:1], *(name or sys.argv[1:2]), *sys.argv[2:]])


if __name__ == "__main__":
    main()
