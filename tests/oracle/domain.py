"""The catalogue's tables as the judge reads them: its own reading of the same data files."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).parents[2] / "catalogue" / "data"
OTHER: Final = "Other SRVs"
ROLE_ORDER: Final = ("IS", "ES", "ED", "GS", "GT", "RSA", "OU", "MDR")


@lru_cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a data file."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@lru_cache
def time_out_us(srv: str) -> int:
    """Return after how long a leg counts as unanswered."""
    seconds = {row["srv"]: int(row["time_out_s"]) for row in table("time_outs")}
    return seconds.get(srv, seconds["*"]) * 1_000_000


@lru_cache
def senders(srv: str) -> frozenset[str]:
    """Return the roles that may send an SRV."""
    return frozenset(role for row in table("service_requests") if row["srv"] == srv for role in row["roles"].split())


@lru_cache
def target_us(srv: str, mode: str, smets_version: str, role: str) -> int | None:
    """Return the Target Response Time of a round trip, or None."""
    for row in table("targets"):
        modes = {"": True, "any": True, "on_demand": mode == "on_demand"}
        roles = role in row["roles"].split() if row["roles"] else role != "MDR"
        if (row["srv"], row["smets_version"]) == (srv, smets_version) and modes.get(row["mode"], False) and roles:
            return int(row["target_s"]) * 1_000_000
    return None


@lru_cache
def rows_of(srv: str) -> tuple[dict[str, str], ...]:
    """Return the rows of Table 1 that name an SRV."""
    return tuple(row for row in table("table_1") if row["kind"] == "row" and row["srvs"] == srv)


@lru_cache
def process_order(process: str) -> int:
    """Return a process's place in Table 1."""
    return list(dict.fromkeys(row["process"] for row in table("table_1"))).index(process)


def srv_order(srv: str) -> list[tuple[int, int, str]]:
    """Return what SRVs are sorted by: 4.8.1 before 4.10."""
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in srv.split(".")]


@lru_cache
def reason_texts() -> dict[str, str]:
    """Return the texts of response and DCC Alert codes, verified or not."""
    texts = {row["code"]: row["name"] for row in table("dcc_alerts")}
    return texts | {row["code"]: row["meaning"] for row in table("response_codes")}
