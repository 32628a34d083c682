"""The draft editor: blank drafts, whole drafts saved from what was typed, live totals.

A draft is typed as texts (`inputs`), read and judged with each problem at its input
(`reading`), priced by its products (`line_prices`), and saved where nobody saved in
between (`saving`).
"""

from billhook.services.draft_editing.inputs import (
    MOST_LINES,
    AdjustmentChoice,
    AdjustmentInput,
    DraftInput,
    LineInput,
)
from billhook.services.draft_editing.opening import (
    CustomerFace,
    OpenDraft,
    at_version,
    blank,
    face,
    opened,
)
from billhook.services.draft_editing.saving import (
    DraftChanged,
    Saved,
    create,
    revise,
    save,
)
from billhook.services.draft_editing.totals import (
    EditorTotals,
    totals,
    totals_of_change,
)

__all__ = [
    "MOST_LINES",
    "AdjustmentChoice",
    "AdjustmentInput",
    "CustomerFace",
    "DraftChanged",
    "DraftInput",
    "EditorTotals",
    "LineInput",
    "OpenDraft",
    "Saved",
    "at_version",
    "blank",
    "create",
    "face",
    "opened",
    "revise",
    "save",
    "totals",
    "totals_of_change",
]
