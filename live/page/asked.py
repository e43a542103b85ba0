"""What of the page is asked for, as its address says it: so a view can be shared. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from dcc_analytics.live.changes import order
from dcc_analytics.live.figures import UserNow

#: Seconds between two updates that may be chosen.
INTERVALS_S: Final = (1, 2, 5, 15, 60)
#: Rows shown unless all are asked for: who is beyond them is seldom unusual, and causes stand below the table.
ROWS: Final = 25
_MOST_LETTERS: Final = 100

Order = Callable[[UserNow], tuple[object, ...]]


def _calmly(user: UserNow) -> tuple[object, ...]:
    """Sort by surprise; those that surprise nobody don't change places at every breath."""
    surprise = user.surprise if user.unusual else float(int(user.surprise))
    return (-surprise, *SORTS["name"][1](user))


#: By what Users may be sorted: the words of the choice, and what is compared.
SORTS: Final[Mapping[str, tuple[str, Order]]] = {
    "surprise": ("most surprising", _calmly),
    "rate": ("highest failure rate", lambda user: (-(user.last_hour.failure_rate or 0.0), *order(user))),
    "failures": ("most failures", lambda user: (-user.last_hour.failures, *order(user))),
    "ended": ("most round trips", lambda user: (-user.last_hour.ended, *order(user))),
    "open": ("most past time-out", lambda user: (-user.timed_out_legs, *order(user))),
    "name": ("name", lambda user: (user.name.casefold(), user.party, user.role)),
}


class Asked(NamedTuple):
    """A view.

    Attributes:
        q: only Users whose name, Party or Role has this text.
        sort: key of ``SORTS``.
        every_s: between two updates.
        everyone: show all rows.
        paused: update nothing but what says that something is wrong.
    """

    q: str = ""
    sort: str = "surprise"
    every_s: int = 1
    everyone: bool = False
    paused: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Return what an address asks for; what it says wrongly is as if it were not said.

        >>> Asked.of({"q": " nwe ", "sort": "up", "every": "5", "rows": "all"})
        Asked(q='nwe', sort='surprise', every_s=5, everyone=True, paused=False)
        """
        every, sort = query.get("every", ""), query.get("sort", "")
        return cls(
            query.get("q", "").strip()[:_MOST_LETTERS],
            sort if sort in SORTS else "surprise",
            int(every) if every in {str(each) for each in INTERVALS_S} else 1,
            query.get("rows") == "all",
            query.get("paused") == "1",
        )

    def search(self) -> str:
        """Return the part of the address, without what is as usual.

        >>> Asked(q="a&b", every_s=5).search(), Asked().search()
        ('?q=a%26b&every=5', '')
        """
        said = {
            "q": self.q,
            "sort": self.sort if self.sort != "surprise" else "",
            "every": str(self.every_s) if self.every_s != 1 else "",
            "rows": "all" if self.everyone else "",
            "paused": "1" if self.paused else "",
        }
        pairs = {name: value for name, value in said.items() if value}
        return f"?{urlencode(pairs)}" if pairs else ""

    def chosen(self, users: list[UserNow]) -> list[UserNow]:
        """Return the Users that match, in order; how many of them are shown is another matter."""
        text = self.q.casefold()
        found = [user for user in users if text in f"{user.name} {user.party}/{user.role}".casefold()]
        return sorted(found, key=SORTS[self.sort][1])
