"""Whole documents: the operator's page, a User's, the way in, and words in place of either. Pure."""

from collections.abc import Mapping
from typing import Final

from dcc_analytics.live.page.asked import INTERVALS_S, SORTS, Asked
from dcc_analytics.live.page.markup import Html, el, join

#: Without scripts the page is fetched anew; no faster, since that takes the reader's place.
_LEAST_REFRESH_S: Final = 5

KEYS: Final[Mapping[str, str]] = {
    "j or ↓": "next row",
    "k or ↑": "row before",
    "Enter": "open the row",
    "Esc": "close, clear the filter, or back to all Users",
    "/": "filter",
    "s": "sort by the next order",
    "r": "refresh now",
    "p": "pause, go on",
    "?": "these keys",
}


def document(title: str, body: Html, *, refresh_s: int | None = None, **data: str) -> str:
    """Return a whole document.

    Args:
        title: of the window.
        body: what it shows.
        refresh_s: fetched anew so often without scripts; None for never, and for no script at all.
        data: attributes of the body that the script reads.
    """
    again = None
    script = None
    if refresh_s is not None:
        script = el("script", type="module", src="/static/live.js")
        if refresh_s:
            fetched = el("meta", http_equiv="refresh", content=str(max(refresh_s, _LEAST_REFRESH_S)))
            again = el("noscript", fetched)
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("link", rel="stylesheet", href="/static/live.css"),
        el("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        again,
        script,
    )
    return "<!doctype html>\n" + el("html", head, el("body", body, **data), lang="en-GB")


def page(
    title: str, parts: Mapping[str, Html], asked: Asked, *, application: str, status: str, stream: str, lone: bool,
    back: bool, signed_in: bool,
) -> str:  # fmt: skip
    """Return a page of parts that are updated.

    Args:
        title: its heading.
        parts: by id, in order; those of the wide half go beside each other.
        asked: the view.
        application: whose ledger.
        status: of the state.
        stream: where updates come from.
        lone: whether it shows one User, and has nothing to filter or sort.
        back: whether there is a page of all Users to go back to.
        signed_in: whether there is a token to forget.
    """
    narrow = ("services", "reasons", "devices", "incidents")
    wide = [part for name, part in parts.items() if name not in {"trust", *narrow}]
    whole = join(
        el("a", "Skip to the figures", href="#main", cls="skip"),
        _header(title, asked, application=application, users=not lone, back=back, signed_in=signed_in),
        el("p", id="news", role="status", cls="unseen"),
        el("aside", hidden=True, id="notice", cls="notice", aria_label="Notice"),
        parts["trust"],
        el("main", *wide, el("div", *(parts[name] for name in narrow if name in parts), cls="beside"), id="main",
           tabindex=-1),
        _footer(),
        _help(),
    )  # fmt: skip
    return document(
        f"{title} \N{EN DASH} dcca live",
        whole,
        refresh_s=0 if asked.paused else asked.every_s,
        data_status=status,
        data_stream=stream,
        data_paused="1" if asked.paused else "",
    )


def _header(title: str, asked: Asked, *, application: str, users: bool, back: bool, signed_in: bool) -> Html:
    return el(
        "header",
        el("div", el("a", "← All Users", href="/", rel="up") if back else None, el("h1", title),
           el("small", f"application {application}"), cls="title"),
        el(
            "form", *(_of_users(asked) if users else ()), _every(asked),
            el("button", "Apply", type="submit", cls="apply"),
            el("button", "Go on" if asked.paused else "Pause", type="submit", id="pause", name="paused",
               value="" if asked.paused else "1", title="Key p"),
            el("button", "Keys ?", type="button", id="keys", hidden=True),
            method="get", id="view", role="search",
        ),
        el("form", el("button", "Sign out", type="submit"), method="post", action="/sign-out") if signed_in else None,
    )  # fmt: skip


def _of_users(asked: Asked) -> tuple[Html, ...]:
    return (
        el("label", "Filter ", el("input", type="search", name="q", value=asked.q, id="filter", maxlength=100,
                                  autocomplete="off", placeholder="name, Party or Role")),
        el("label", "Sort by ", el("select", *_options({key: words for key, (words, _) in SORTS.items()}, asked.sort),
                                   name="sort", id="sort")),
        el("input", type="hidden", name="rows", value="all") if asked.everyone else Html(),
    )  # fmt: skip


def _every(asked: Asked) -> Html:
    choices = {str(each): f"{each} s" for each in INTERVALS_S}
    return el("label", "Every ", el("select", *_options(choices, str(asked.every_s)), name="every", id="every"))


def _options(choices: Mapping[str, str], chosen: str) -> list[Html]:
    return [el("option", words, value=key, selected=key == chosen) for key, words in choices.items()]


def _footer() -> Html:
    return el(
        "footer",
        el("p", "Times are UTC. An hour is the sixty minutes before the stream's clock. Surprise is ",
           "\N{MINUS SIGN}log10 of a chance: 3 is one hour in a thousand, and from there on something is unusual."),
        el("p", "Small pictures show six hours: the line is the number of round trips, bars are the failure rate, the "
           "dashed line is the usual rate."),
    )  # fmt: skip


def _help() -> Html:
    rows = (el("div", el("dt", el("kbd", key)), el("dd", words)) for key, words in KEYS.items())
    close = el("form", el("button", "Close", type="submit"), method="dialog")
    return el("dialog", el("h2", "Keys", id="help-title"), el("dl", *rows), close, id="help",
              aria_labelledby="help-title")  # fmt: skip


def sign_in(where: str, *, refused: bool) -> str:
    """Return the page that asks for a token.

    Args:
        where: to go afterwards.
        refused: whether one was given that is not known.
    """
    wrong = el("p", "✖ That token is not known. Look for a blank too many, or ask for a new one.", cls="notice",
               role="alert", id="wrong")  # fmt: skip
    form = el(
        "form",
        el("label", "Token ", el("input", type="password", name="token", required=True, autocomplete="off",
                                 maxlength=200, aria_describedby="wrong" if refused else None)),
        el("input", type="hidden", name="next", value=where),
        el("button", "Sign in", type="submit"),
        method="post", action="/sign-in",
    )  # fmt: skip
    body = el(
        "main",
        el("h1", "Sign in to dcca live"),
        wrong if refused else None,
        form,
        el("p", "An operator's token shows every User, a User's token that User alone. Whoever runs this server makes "
           "them with ", el("code", "dcca live token"), ". It is kept in a cookie for twelve hours."),
        el("p", "Signed in already, and sent here by a link on another site? ",
           el("a", "Open the page", href=where), "."),
        cls="alone",
    )  # fmt: skip
    return document("Sign in \N{EN DASH} dcca live", body)


def words(title: str, says: str) -> str:
    """Return a page that says why there is none."""
    body = el("main", el("h1", title), el("p", says), el("p", el("a", "To the first page", href="/")), cls="alone")
    return document(f"{title} \N{EN DASH} dcca live", body)
