"""The economy without the mechanisms of growth, finance and limits, for tests of rules and of what holds without them."""

from pathlib import Path

from perpetuum.model.parameters import PARAMETERS

#: A preset in which every mechanism is off.
PLAIN = str(Path(__file__).with_name("plain.toml"))
#: Every mechanism off, by dotted name and as a keyword.
OFF = {name: False for name in PARAMETERS if name.endswith(".on")}
OFF_KEYWORDS = {name.replace(".", "__"): False for name in OFF}
