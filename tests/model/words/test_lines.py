"""Lines: how wide a letter is on a screen, and where a text is broken."""

from __future__ import annotations

import sys
import unicodedata

from perpetuum.model.words.lines import broken, columns


def test_every_letter_there_is_has_the_columns_that_unicode_gives_it():
    for letter in map(chr, range(sys.maxunicode + 1)):
        wide = unicodedata.east_asian_width(letter) in "WF"
        assert columns(letter) == 1 + wide, f"U+{ord(letter):04X}"
    assert columns("模拟 a–b 100 % ｆ") == 17


def test_no_line_ends_between_a_number_and_its_unit_or_begins_with_a_closing_mark():
    assert broken("it takes 63 % of the worlds", 11) == ["it takes", "63 % of the", "worlds"]
    assert broken("收紧使世界，少活", 10) == ["收紧使世", "界，少活"]
