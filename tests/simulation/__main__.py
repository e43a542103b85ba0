"""Run many worlds: ``python -m tests.simulation --seeds 10000``; one again: ``python -m tests.simulation --seed 17``.

``--crashes`` crashes plain runs at every point instead: of feed 17 with ``--seed 17``, else of so many feeds.
"""

import argparse
import logging
import sys
import time
import traceback

from tests.simulation.run import crash_everywhere, run, simulated_clients

#: How often progress is told.
TOLD_EVERY_S = 10.0


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one, with its traceback")
    parser.add_argument("--crashes", action="store_true", help="crash at every point instead of by chance")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # dead letters are announced, and feeds have their share
    runs = crash_everywhere if asked.crashes else run
    with simulated_clients():
        if asked.seed is not None:
            runs(asked.seed)
            return 0
        return _run_all(runs, asked)


def _run_all(runs: object, asked: argparse.Namespace) -> int:
    began = told = time.monotonic()
    failed = 0
    for done, seed in enumerate(range(asked.first, asked.first + asked.seeds), 1):
        try:
            runs(seed)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told, and the others are run)
            failed += 1
            words = traceback.format_exception_only(error)[-1].splitlines()[0][:200]
            option = " --crashes" if asked.crashes else ""
            sys.stdout.write(f"python -m tests.simulation{option} --seed {seed}  # {words}\n")
        now = time.monotonic()
        if now - told > TOLD_EVERY_S or done == asked.seeds:
            told = now
            sys.stdout.write(f"{done} runs, {failed} failed, {done / (now - began) * 60:.0f} a minute\n")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
