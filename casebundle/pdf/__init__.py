"""Everything that touches a PDF and knows nothing of cases.

Public: `Sandbox` (inspect, prepare, read, render, in a confined child process for each file), its `Limits`, what it
gives (`Inspection`, `PageSize`, `PageText`, `Word`), what it raises (`Refused`, `Interrupted`, `NotConfined`), in
`casebundle.pdf.confinement` how a process is confined, whatever it opens, and in
`casebundle.pdf.guess` the title, date and exhibit reference a file's name and first page suggest.
"""

from casebundle.pdf.confinement import NotConfined
from casebundle.pdf.sandbox import (
    Inspection,
    Interrupted,
    Limits,
    PageSize,
    PageText,
    Refused,
    Sandbox,
    Word,
)

__all__ = [
    "Inspection",
    "Interrupted",
    "Limits",
    "NotConfined",
    "PageSize",
    "PageText",
    "Refused",
    "Sandbox",
    "Word",
]
