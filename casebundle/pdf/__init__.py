"""Everything that touches a PDF and knows nothing of cases.

Public: `Sandbox` (inspect, prepare, read, render, in a limited child process), its `Limits`, what it gives
(`Inspection`, `PageSize`, `PageText`, `Word`), what it raises (`Refused`, `Interrupted`), and in
`casebundle.pdf.guess` the title, date and exhibit reference a file's name and first page suggest.
"""

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

__all__ = ["Inspection", "Interrupted", "Limits", "PageSize", "PageText", "Refused", "Sandbox", "Word"]
