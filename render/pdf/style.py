"""Colours, sizes and the page, in one place.

Source: Government Analysis Function, "Data visualisation: colours in charts" (the palette); WCAG 2.2, 1.4.3 and 1.4.11
(text 4.5:1, graphics 3:1). Contrast on white is given where it decided the use.
"""

from typing import Final, TypeAlias

Colour: TypeAlias = str

TEXT: Final = "#3D3D3D"  # 10.9:1
BENCHMARK: Final = "#12436D"  # dark blue, 10.2:1: figures of others
OWN: Final = "#F46A25"  # orange, 3.0:1: marks only, never text
OWN_TEXT: Final = "#B8460E"  # the same hue at 5.4:1, for text
INCIDENT: Final = "#28A197"  # turquoise, 3.2:1: edges of spans
INCIDENT_TEXT: Final = "#17655F"  # the same hue at 6.9:1, for text
INCIDENT_TINT: Final = "#DDF1EF"
PEER: Final = "#787878"  # 4.5:1: the palette's own grey (#BFBFBF) fails 3:1
BAND: Final = "#C9DCEC"  # a tint; the band's edges are drawn in MID_BLUE
MID_BLUE: Final = "#2073BC"  # 5.0:1
MUTED: Final = "#595959"  # 7.0:1: second-rank text
RULE: Final = "#D0D0D0"
SHADE: Final = "#F3F5F7"
WHITE: Final = "#FFFFFF"

PAGE_WIDTH_MM: Final = 210.0
PAGE_HEIGHT_MM: Final = 297.0
LEFT_MM: Final = 16.0
RIGHT_MM: Final = PAGE_WIDTH_MM - 16.0
WIDTH_MM: Final = RIGHT_MM - LEFT_MM
TOP_MM: Final = 24.0
BOTTOM_MM: Final = PAGE_HEIGHT_MM - 18.0

#: The least size of any text, points.
LEAST_PT: Final = 8.0
SMALL_PT: Final = 8.0
BODY_PT: Final = 9.0
HEADING_PT: Final = 11.0
TITLE_PT: Final = 15.0

MM_PER_PT: Final = 25.4 / 72


def rgb(colour: Colour) -> tuple[float, float, float]:
    """Return red, green and blue between 0 and 1.

    >>> rgb("#FF0033")
    (1.0, 0.0, 0.2)
    """
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255
