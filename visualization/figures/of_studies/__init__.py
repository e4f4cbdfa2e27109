"""The figures of a study: phase diagrams over two numbers, response curves over one, points over words.

Numbers come first among the axes: two of them span a phase diagram, one a curve; what is left makes panels, or groups of
points where there is no number. Sampled designs have no grid: there each parameter has a curve of its own.
"""

from __future__ import annotations

from pathlib import Path

from perpetuum.runs.questions.selection import View
from perpetuum.visualization.figures.of_studies.curves import draw_curves
from perpetuum.visualization.figures.of_studies.panels import Drawn
from perpetuum.visualization.figures.of_studies.phase_diagrams import draw_phase
from perpetuum.visualization.figures.of_studies.points import draw_points
from perpetuum.visualization.figures.of_studies.sampled_designs import draw_sampled

__all__ = ["Drawn", "draw_study"]


def draw_study(view: View, folder: Path) -> list[Drawn]:
    """Write the figures of what is looked at into a folder, as PNG and SVG, with the numbers that they show."""
    if view.sampled:
        return draw_sampled(view, folder)
    numbers = [axis for axis in view.axes if axis.numeric]
    words = [axis for axis in view.axes if not axis.numeric]
    if len(numbers) >= 2:
        return draw_phase(view, folder, numbers[0], numbers[1], [*words, *numbers[2:]])
    if numbers:
        return [draw_curves(view, folder, numbers[0], words)]
    return [draw_points(view, folder)]
