"""What is another between two states, as the stream tells it. Pure."""

from dcc_analytics.live.figures import UserNow
from dcc_analytics.live.state import Now, NowChange


def change(before: Now, after: Now) -> NowChange:
    """Return what turns one state into the next."""
    known = {(user.party, user.role): user for user in before.users}
    still = {(user.party, user.role) for user in after.users}
    return NowChange(
        id=after.id,
        made_at=after.made_at,
        trust=after.trust,
        all=None if before.all == after.all else after.all,
        users=[user for user in after.users if known.get((user.party, user.role)) != user],
        gone=[f"{party}/{role}" for party, role in known if (party, role) not in still],
        services=None if before.services == after.services else after.services,
        reasons=None if before.reasons == after.reasons else after.reasons,
        devices=None if before.devices == after.devices else after.devices,
        incidents=None if before.incidents == after.incidents else after.incidents,
    )


def order(user: UserNow) -> tuple[float, int, int, str, str]:
    """Return what Members are sorted by: most surprising first, then most failures."""
    return -user.surprise, -user.last_hour.failures, -user.last_hour.ended, user.party, user.role


def changed(state: Now, by: NowChange) -> Now:
    """Return the state that a change makes of the one before: what a reader of the stream does.

    A reader that comes to the state the server is in has lost nothing.
    """
    users = {(user.party, user.role): user for user in state.users}
    for user in by.users:
        users[user.party, user.role] = user
    for gone in by.gone:
        party, _, role = gone.rpartition("/")
        del users[party, role]
    return Now(
        version=state.version,
        id=by.id,
        made_at=by.made_at,
        application=state.application,
        trust=by.trust,
        all=by.all or state.all,
        users=sorted(users.values(), key=order),
        regions=state.regions,
        services=state.services if by.services is None else by.services,
        reasons=state.reasons if by.reasons is None else by.reasons,
        devices=state.devices if by.devices is None else by.devices,
        incidents=state.incidents if by.incidents is None else by.incidents,
    )
