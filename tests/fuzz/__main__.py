"""``python -m tests.fuzz``: try inputs that reach new code, by libFuzzer, for as long as is said.

Each target runs in a process of its own, since libFuzzer ends the one it runs in. An input that breaks the law is
written to ``tests/fuzz/found/TARGET`` and ends its target; give it a name that says what it is, and mend what it broke.
Inputs that reached new code are kept in ``.fuzz/corpus`` and gone on from.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import atheris
import typer

with atheris.instrument_imports(include=["dcc_analytics"]):
    from tests.fuzz.seeds import PIECES, RECORDS, VALUES, seeds_of
    from tests.fuzz.targets import FOUND, TARGETS

ROOT: Final = Path(__file__).parents[2]
CORPUS: Final = ROOT / ".fuzz" / "corpus"

#: One input may take this long, and all that is held at a time so much.
TIMEOUT_S: Final = 20
MEMORY_MB: Final = 2_048
#: Longest input tried; it is records that are long, and what breaks a reader is mostly short.
LONGEST_BYTES: Final = 64 * 1024
#: Longest word of the dictionary libFuzzer takes.
_LONGEST_WORD: Final = 60


def main(
    target: Annotated[str, typer.Argument(help="Which; all of them, one after the other, when left out.")] = "",
    minutes: Annotated[float, typer.Option(min=0.01, help="For each target.")] = 5.0,
    inside: Annotated[bool, typer.Option("--inside", hidden=True)] = False,  # noqa: FBT002 (typer names it)
) -> None:
    """Fuzz the readers; the exit code is 1 if an input broke the law."""
    if target and target not in TARGETS:
        raise typer.BadParameter(f"{target} is none of {', '.join(TARGETS)}")
    if inside:
        _fuzz(target, minutes)
    broken = [each for each in ([target] if target else TARGETS) if not _runs(each, minutes)]
    if broken:
        typer.echo(f"broken: {', '.join(broken)}; the inputs are in {FOUND.relative_to(ROOT)}", err=True)
        raise typer.Exit(1)


def _runs(target: str, minutes: float) -> bool:
    typer.echo(f"-- {target}, {minutes:g} minutes")
    again = [sys.executable, "-m", "tests.fuzz", target, "--minutes", str(minutes), "--inside"]
    return subprocess.run(again, check=False, cwd=ROOT).returncode == 0


def _fuzz(target: str, minutes: float) -> None:
    """Fuzz in this process, which ends with it."""
    corpus, found = CORPUS / target, FOUND / target
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = CORPUS / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in _words()), encoding="ascii")
    options = {
        "max_total_time": int(minutes * 60),
        "timeout": TIMEOUT_S,
        "rss_limit_mb": MEMORY_MB,
        "max_len": LONGEST_BYTES,
        "dict": words,
        "artifact_prefix": f"{found}/",
        "print_final_stats": 1,
    }
    flags = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *flags, str(corpus), str(found)], TARGETS[target])
    atheris.Fuzz()


def _words() -> set[bytes]:
    said = {value.encode() for value in VALUES} | set(PIECES)
    names = {f'"{name}":'.encode() for records in RECORDS.values() for fields in records for name in fields}
    return {word for word in said | names if 0 < len(word) <= _LONGEST_WORD}


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    typer.run(main)
