"""The pack as a PDF: pages of vector drawing with text that stays text.

Promise: text of at least 8 pt, inside its page and its box, over no other text; colour never alone; no Device and no
other Member is ever named. ``paper`` alone touches fpdf2, ``matplotlib_page`` alone touches matplotlib.
"""
