"""The report: one HTML file of a run or a study that can be sent, opened on a phone, and printed, and asks for nothing more."""

from perpetuum.visualization.report.document import Chapter, Document, Table, Telling, html_of

__all__ = ["Chapter", "Document", "Table", "Telling", "html_of"]
