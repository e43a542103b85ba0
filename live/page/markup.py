"""HTML as values: elements made of escaped text. Pure."""

from functools import lru_cache
from html import escape
from typing import Final

#: Elements that have no end tag.
_VOID: Final = frozenset({"br", "input", "link", "meta"})


class Html(str):
    """Text that is markup already; any other text is escaped when it becomes part of an element."""

    __slots__ = ()


#: What an element may hold; None is left out.
Child = str | None


def el(kind: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element.

    Args:
        kind: of element.
        children: text, escaped unless it is Html.
        attributes: escaped; True stands alone, None and False are left out. ``cls`` is class, ``for_`` is for, and an
            underscore is a hyphen.

    >>> el("a", "<Ada>", Html("&amp;"), href='/?q="', cls="open", hidden=True, title=None)
    '<a href="/?q=&quot;" class="open" hidden>&lt;Ada&gt;&amp;</a>'
    >>> el("br")
    '<br>'
    """
    opening = _opening(kind, tuple(attributes), *attributes.values())
    return Html(opening if kind in _VOID else f"{opening}{join(*children)}</{kind}>")


@lru_cache(maxsize=4096, typed=True)
def _opening(kind: str, names: tuple[str, ...], *values: str | int | bool | None) -> str:
    """Return a tag; most of them come by the thousand."""
    written = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{escape(str(value))}"'
        for name, value in zip(names, values, strict=True)
        if value is not None and value is not False
    )
    return f"<{kind}{written}>"


def join(*children: Child) -> Html:
    """Return texts and elements one after the other.

    >>> join("a < b", None, el("b", "c"))
    'a &lt; b<b>c</b>'
    """
    return Html(
        "".join(each if isinstance(each, Html) else escape(each, quote=False) for each in children if each is not None)
    )


def _name(key: str) -> str:
    return "class" if key == "cls" else key.removesuffix("_").replace("_", "-")
