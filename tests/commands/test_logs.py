"""The log of a worker whose broker is away stays one that can be read."""

import logging

import pytest

from dcc_analytics.commands.logs import REMEMBERED, REPEATED_S, Lines, Seldom


def line(name: str, text: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, "%s", (text,), None)


def test_a_library_says_the_same_once_in_a_while_and_the_product_whenever_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    seldom = Seldom()
    assert [True, False, False] == [seldom.filter(line("aiokafka", "away")) for _ in range(3)]
    assert [True, True] == [seldom.filter(line("dcca.worker", "commit")) for _ in range(2)]
    assert seldom.filter(line("aiokafka", "another"))
    now_s += REPEATED_S
    assert [True, False] == [seldom.filter(line("aiokafka", "away")) for _ in range(2)]


def test_lines_that_are_never_alike_are_not_all_remembered() -> None:
    seldom = Seldom()
    assert all(seldom.filter(line("faust", f"offset {n}")) for n in range(10 * REMEMBERED))
    assert len(seldom._said_s) == REMEMBERED


def test_a_line_of_one_of_several_processes_says_which_after_the_name_of_the_event() -> None:
    record = line("dcca.worker", "commit partition=0 seq=1")
    assert Lines(None).format(record).endswith(" ERROR commit partition=0 seq=1")
    assert Lines(2).format(record).endswith(" ERROR commit process=2 partition=0 seq=1")
    assert Lines(2).format(line("dcca.worker", "ledger_damaged")).endswith(" ERROR ledger_damaged process=2")
    assert Lines(2).format(line("aiokafka", "Heartbeat failed")).endswith(" ERROR process=2 Heartbeat failed")
