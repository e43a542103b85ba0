"""Stories of Service Requests: each writes one case of the contract at a random place and time."""

from collections.abc import Callable
from typing import Final

from tests.oracle.desk import YEAR_3000, Asked, Desk
from tests.oracle.scribe import DAY_US, HOUR_US, MINUTE_US, SECOND_US

_READS: Final = ("4.6.1", "4.8.1", "4.1.1", "4.10", "4.17", "4.4.3", "7.4", "11.2", "6.13", "3.3", "99.9", "x.y")
_CRITICAL: Final = ("1.1.1", "1.2.1", "6.8", "8.1.1", "6.23", "2.3", "3.2", "6.15.2", "8.7.1")
_FUTURE: Final = ("1.1.1", "6.8", "4.6.1", "6.23", "1.2.1")
#: No other story sends these dated: what a cancellation meets is of its own story.
_CANCELLED: Final = ("1.1.2", "1.2.2", "1.5", "6.4.1")
_CODES: Final = ("N12", "N13", "N53", "N55", "ZZ9")


def read(desk: Desk) -> None:
    """A read of any kind by anyone, with or without its Role, of Devices known and unknown."""
    home, dice = desk.home(), desk.random.random()
    role = desk.random.choice(("IS", "GS", "ED", "GT", "ES"))
    user, device = home.users[role], home.gsme if role in {"GS", "GT"} else home.esme
    if dice < 0.06:
        user = desk.cast.stranger
    elif dice < 0.2:
        role = desk.random.choice(("OU", "MDR", "RSA", "IS"))
        user = desk.cast.user(desk.random, desk.random.choice(desk.cast.by_role[role]))
    elif dice < 0.23 and "GONE" in desk.cast.users:
        user = desk.cast.users["GONE"][0]
    elif dice < 0.3:
        device = desk.random.choice((desk.cast.unlisted, "88-73-84-00-00-00-FF-FD", home.hub, home.ppmid, home.gpf))
    desk.end(desk.ask(desk.moment(), user, desk.random.choice(_READS), device, role=role))


def without_device(desk: Desk) -> None:
    """Requests about no Device, or about one through the DCC; some end by I99."""
    srv, variant = desk.random.choice((("5.1", 8), ("12.1", 8), ("8.2", 8), ("12.2", 8), ("5.2", 8), ("8.14.1", 8)))
    home = desk.home()
    device = home.hub if srv == "8.14.1" else None
    asked = desk.ask(desk.moment(), home.users["IS"], srv, device, role="IS", variant=variant, through_dcc=True)
    dice = desk.random.random()
    if dice < 0.5:
        desk.answer(asked, asked.at_us + 400_000, "I99", "acknowledgement")
    elif dice < 0.95:
        desk.answer(asked, asked.at_us + 900_000, desk.random.choice(("I0", "I0", "E20", "W081401")))
    else:  # the acceptance is the end, the response a duplicate
        desk.answer(asked, asked.at_us + 400_000, "I99", "acknowledgement", plain=True)
        desk.answer(asked, asked.at_us + 30 * SECOND_US, "I0", plain=True)


def critical(desk: Desk) -> None:
    """Two legs with one id: parameters on the first only, the first refused, unanswered, or not gone on with."""
    home, dice, at_us = desk.home(), desk.random.random(), desk.moment()
    role = desk.random.choice(("IS", "GS"))
    user, device = home.users[role], home.esme if role == "IS" else home.gsme
    srv = desk.random.choice(_CRITICAL)
    kind = desk.random.choice(("digital_signature", "key_agreement", None))
    parameters = {"credential_type": kind, "x": 1} if srv == "6.15.2" else None
    first = desk.ask(at_us, user, srv, device, role=role, variant=4, parameters=parameters)
    if dice < 0.08:
        desk.answer(first, at_us + 700_000, desk.random.choice(("E2", "E1003")), "pre_command")
        return
    if dice < 0.11:
        return
    desk.answer(first, at_us + 700_000, "I0", "pre_command")
    if dice < 0.14:
        desk.answer(first, at_us + 800_000, "I0", "pre_command", plain=True)
    if dice > 0.95:
        return
    again_us = at_us + desk.random.randint(2, 400) * SECOND_US
    again = desk.ask(again_us, user, srv, device, role=role, variant=desk.random.choice((5, 6, 7)), like=first,
                     parameters={"other_device": home.gpf} if dice < 0.3 else None)  # fmt: skip
    desk.end(again)


def future_dated(desk: Desk) -> None:
    """Execution later: by instructions, some failed or missing, by a response, or refused before it."""
    home, dice, at_us = desk.home(), desk.random.random(), desk.moment()
    execute_us = at_us + desk.random.randint(2 * HOUR_US, 6 * DAY_US)
    asked = desk.ask(at_us, home.users["IS"], desk.random.choice(_FUTURE), home.esme, role="IS", variant=5, plain=True,
                     execute_at=desk.scribe.instant(execute_us))  # fmt: skip
    desk.answer(asked, at_us + 500_000, "I99", "acknowledgement", plain=True)
    total = desk.random.randint(1, 4)
    if dice < 0.1:
        desk.answer(asked, at_us + MINUTE_US, "E5", plain=True)
    elif dice < 0.18:
        desk.answer(asked, at_us + MINUTE_US, "W110101", plain=True)
    elif dice < 0.26:
        desk.answer(asked, at_us + MINUTE_US, "I0", plain=True)
        desk.answer(asked, execute_us + 3 * SECOND_US, "I0", plain=True)
    elif dice < 0.3:
        desk.answer(asked, at_us + SECOND_US, "E19", "acknowledgement", plain=True)
    elif dice < 0.36:
        desk.answer(asked, execute_us, "I0", plain=True)
    else:
        if dice < 0.45:
            desk.answer(asked, at_us + 20 * SECOND_US, "I0", plain=True)
        numbers = list(range(1, total + 1))
        desk.random.shuffle(numbers)
        for place, number in enumerate(numbers[:-1] if 0.45 < dice < 0.55 else numbers):
            failed = 0.55 < dice < 0.65 and place == 0
            told = {"number": number, "total": total, "alert": "8F67" if failed else "8F66"}
            sent_us = execute_us + desk.random.randint(1, 50) * SECOND_US
            stamp_us = execute_us + 60 * SECOND_US + place * SECOND_US
            desk.answer(asked, sent_us, "I0", "future_dated", plain=True, instruction=told, stamp_us=stamp_us)
            if dice > 0.97:
                desk.answer(asked, sent_us, "I0", "future_dated", plain=True, instruction=told, stamp_us=stamp_us + 1)


def cancelled(desk: Desk) -> None:
    """A cancellation of the newest of one or two, in time or after the end, repeated or of nothing."""
    home, dice, at_us = desk.home(), desk.random.random(), desk.moment()
    user, srv = home.users["IS"], desk.random.choice(_CANCELLED)
    candidates: list[Asked] = []
    for place in range(0 if dice < 0.1 else 2 if dice < 0.4 else 1):
        sent_us = at_us + place * HOUR_US
        execute = desk.scribe.instant(at_us + DAY_US + place * HOUR_US)
        candidates.append(desk.ask(sent_us, user, srv, home.esme, role="IS", variant=5, plain=True, execute_at=execute))
    cancel_us = at_us + (2 * DAY_US if 0.4 < dice < 0.55 else 4 * HOUR_US)
    cancel = desk.ask(cancel_us, user, srv, home.esme, role="IS", variant=4, plain=True, execute_at=YEAR_3000)
    desk.answer(cancel, cancel_us + SECOND_US, "I0", "pre_command", plain=True)
    signed = desk.ask(cancel_us + MINUTE_US, user, srv, home.esme, role="IS", variant=5, plain=True, like=cancel,
                      execute_at=YEAR_3000)  # fmt: skip
    if dice > 0.8:
        desk.ask(cancel_us + 2 * MINUTE_US, user, srv, home.esme, variant=5, plain=True, like=cancel,
                 execute_at=YEAR_3000)  # fmt: skip
    desk.answer(signed, cancel_us + 2 * MINUTE_US, "I99", "acknowledgement", plain=True)
    for place, each in enumerate(candidates):
        if place + 1 < len(candidates) or 0.4 < dice < 0.55:
            told = {"number": 1, "total": 1, "alert": "8F66"}
            desk.answer(each, at_us + DAY_US + place * HOUR_US + 5 * SECOND_US, "I0", "future_dated", plain=True,
                        instruction=told)  # fmt: skip


def scheduled(desk: Desk) -> None:
    """Results of schedules, repeated or failed, and the SRV's process though no request exists."""
    home, planned_us = desk.home(), desk.moment() // SECOND_US * SECOND_US
    device = home.esme if desk.random.random() < 0.95 else None
    role = desk.random.choice(("IS", "ED"))
    request = {
        "kind": "scheduled", "user": desk.scribe.any_case(home.users[role]), "planned_at":
        desk.scribe.instant(planned_us), "srv": desk.random.choice(("4.8.1", "4.6.1", "4.10", "4.1.1")),
        "schedule_id": f"S{desk.random.randint(1, 99)}", "device": device, "role": desk.random.choice((role, None)),
        "code": desk.random.choice(("I0", "I0", "I0", "E21", "W110101")),
    }  # fmt: skip
    times = 2 if desk.random.random() < 0.1 else 1
    for place in range(times):
        sent_us = planned_us + desk.random.randint(1_000, 900_000_000) + place * MINUTE_US
        record = {name: each for name, each in request.items() if each} | {"sent_at": desk.scribe.instant(sent_us)}
        subject = device or home.users[role]
        key = desk.scribe.key(subject, plain=times > 1 or device is None, anything=True)
        desk.scribe.add("service-responses", key, max(sent_us, planned_us) + place * MINUTE_US, record)


def several(desk: Desk) -> None:
    """Refusals, several responses, Alerts before and after them, Alerts only, answers after the time-out."""
    home, dice = desk.home(), desk.random.random()
    asked = desk.ask(desk.moment(), home.users["IS"], "4.8.2", home.esme, role="IS", plain=True)
    at_us = asked.at_us
    if dice < 0.15:
        desk.answer(asked, at_us + 300_000, desk.random.choice(("E12", "E65")), "acknowledgement", plain=True)
    elif dice < 0.3:
        desk.answer(asked, at_us + 4 * SECOND_US, "I0", plain=True)
        desk.answer(asked, at_us + 9 * SECOND_US, desk.random.choice(("E21", "I0")), plain=True)
    elif dice < 0.45:
        told_us = at_us + desk.random.randint(1, 6) * HOUR_US
        desk.answer(asked, told_us, "I0", plain=True)
        alert_us = told_us + desk.random.choice((-HOUR_US // 2, 3 * SECOND_US))
        desk.alert(alert_us, "N13", home.users["IS"], home.esme, plain=True, request_id=asked.request_id)
    elif dice < 0.75:
        subject = desk.random.choice((home.esme, home.esme, home.hub, None))  # named from another subject
        outcome = desk.random.choice(("delivered", "failed"))
        desk.alert(at_us + HOUR_US, desk.random.choice(_CODES), home.users["IS"], subject, plain=True,
                   request_id=asked.request_id, outcome=outcome)  # fmt: skip
        if dice < 0.5:
            desk.alert(at_us + 2 * HOUR_US, "N12", home.users["IS"], subject, plain=True, request_id=asked.request_id)
    elif dice < 0.85:
        desk.answer(asked, at_us + 30 * HOUR_US, desk.random.choice(("I0", "E30")), plain=True)
    elif dice < 0.9:
        desk.answer(asked, at_us - desk.random.randint(1, 5_000_000), "I0", plain=True, stamp_us=at_us + SECOND_US)
    elif dice < 0.95:
        ahead_us = at_us + 30 * HOUR_US
        desk.answer(asked, ahead_us, "I0", plain=True, stamp_us=at_us + SECOND_US)


def repeated(desk: Desk) -> None:
    """A request repeated while open, within ten minutes of its end, exactly at them, and just after them."""
    home, dice = desk.home(), desk.random.random()
    asked = desk.ask(desk.moment(), home.users["ED"], "4.10", home.esme, role="ED", plain=True)
    end_us = asked.at_us + 20 * SECOND_US
    if dice < 0.2:
        desk.ask(asked.at_us + 5 * SECOND_US, asked.user, "4.10", home.esme, plain=True, like=asked)
    desk.answer(asked, end_us, "I0", plain=True)
    if dice > 0.2:
        wait_us = desk.random.choice(desk.repeat_waits_us)
        again = desk.ask(end_us + wait_us, asked.user, "4.10", home.esme, plain=True, like=asked)
        if wait_us > 10 * MINUTE_US:
            desk.answer(again, again.at_us + 7 * SECOND_US, "E20", plain=True)


def firmware(desk: Desk) -> None:
    """An 11.1 for some hubs with its delivery statuses, or one that only these end.

    If these are successes it is for one hub: of several, in partitions of their own, any may be folded first.
    """
    dice = desk.random.random()
    homes = desk.random.sample(desk.cast.homes, 1 if dice < 0.15 else min(3, len(desk.cast.homes)))
    user = homes[0].users["GS"]
    asked = desk.ask(desk.moment(), user, "11.1", None, role="GS", variant=8, plain=True,
                     parameters={"devices": [home.hub for home in homes]})  # fmt: skip
    if dice > 0.25:
        desk.answer(asked, asked.at_us + SECOND_US, "I0" if dice < 0.8 else "E110101", plain=True)
    for place, home in enumerate(homes):
        result = "success" if dice < 0.15 or dice > 0.4 else "failure"
        told = {"request_id": asked.request_id, "target_device": home.hub, "result": result}
        desk.alert(asked.at_us + (place + 1) * 7 * HOUR_US, "N60", user, home.hub, plain=True, parameters=told)


def nothing_matches(desk: Desk) -> None:
    """A response and an Alert that name a request nobody sent; Alerts of all kinds; an Alert repeated."""
    home, at_us = desk.home(), desk.moment()
    ghost = desk.scribe.request_id(home.users["IS"], home.esme)
    asked = Asked(ghost, at_us, home.users["IS"], "4.8.1", home.esme, home.esme, simple=True, role=None, record={})
    if desk.random.random() < 0.2:
        desk.answer(asked, at_us, "I0", plain=True)
    if desk.random.random() < 0.2:
        desk.alert(at_us, "N12", home.users["IS"], home.esme, request_id=ghost)
    code = desk.random.choice(("8F12", "8002", "AD1", "N16", "QQQ"))
    ended_us = at_us + 3 * SECOND_US
    name = desk.alert(at_us, code, home.users["ED"], home.esme, plain=True, ended_us=ended_us,
                      throttled_count=desk.random.choice((None, 0, 7)))  # fmt: skip
    if desk.random.random() < 0.4:
        wait_us = desk.random.choice((0, MINUTE_US, 10 * MINUTE_US, 10 * MINUTE_US + 1, HOUR_US))
        desk.alert(at_us, code, home.users["ED"], home.esme, plain=True, alert_id=name, ended_us=ended_us + wait_us)


def ahead_of_time(desk: Desk) -> None:
    """A request whose own time is more than a day after its record's."""
    home, at_us = desk.home(), desk.moment()
    asked = desk.ask(at_us, home.users["IS"], "4.1.1", home.esme, role="IS", plain=True, stamp_us=at_us - 26 * HOUR_US)
    desk.answer(asked, at_us + SECOND_US, "I0", plain=True)


STORIES: Final[tuple[tuple[Callable[[Desk], None], int], ...]] = (
    (read, 40), (without_device, 8), (critical, 14), (future_dated, 14), (cancelled, 5), (scheduled, 20),
    (several, 16), (repeated, 6), (firmware, 6), (nothing_matches, 8), (ahead_of_time, 1),
)  # fmt: skip
