"""The economy without the mechanisms of growth, finance and limits, for tests of rules and of what holds without them."""

from perpetuum.model.parameters import PARAMETERS

#: The preset in which every mechanism is off.
PLAIN = "first_lesson"
#: Every mechanism off, by dotted name and as a keyword.
OFF = {name: False for name in PARAMETERS if name.endswith(".on")}
OFF_KEYWORDS = {name.replace(".", "__"): False for name in OFF}
