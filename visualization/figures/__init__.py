"""Figures of a run that a newspaper could print: the finding as headline, labels on the lines, the source below.

Each function takes plain arrays and returns a matplotlib figure; `save` writes it as PNG and SVG. Nothing
here knows the economy: a figure can be drawn again from a run's files. matplotlib is imported on first use.
"""

from perpetuum.visualization.figures.fan_charts import fan_charts
from perpetuum.visualization.figures.layout import save
from perpetuum.visualization.figures.money_ring import Flows, money_ring
from perpetuum.visualization.figures.tight_window import Window
from perpetuum.visualization.figures.who_funds import who_funds

__all__ = ["Flows", "Window", "fan_charts", "money_ring", "save", "who_funds"]
