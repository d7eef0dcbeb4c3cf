"""Runs one command in the foreground and lets nothing that it started outlive it.

Linux keeps the promise whoever is killed: a command whose parent dies is told to stop, and what a
command leaves behind becomes our child. Elsewhere it holds for processes that stop when asked to.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import psutil

STOP_SECONDS = 4  # for what a command left behind; then it is killed
KILLED_SECONDS = 5  # more than enough, unless its disk hangs
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
PR_SET_CHILD_SUBREAPER = 36


def stop_with_parent(pid: int) -> None:
    """Be told to stop when our parent `pid` ends, however it ends (on Linux).

    Exits if it has ended already.
    """
    if prctl := _prctl():
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != pid:
        sys.exit(128 + signal.SIGTERM)


class Orders:
    """The signals sent to us: kept until there is a command to pass them on to.

    Nothing is raised where a signal happens to arrive: Python forgets an exception in some places.
    """

    def __init__(self) -> None:
        self.last: signal.Signals | None = None
        self.command: subprocess.Popen[bytes] | None = None
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def _receive(self, number: int, _: object) -> None:
        self.last = signal.Signals(number)
        if self.command:
            with suppress(ProcessLookupError):
                os.kill(self.command.pid, number)


def run(
    command: Sequence[str], orders: Orders, *, environment: Mapping[str, str], keep_open: int
) -> int:
    """Run `command` to its end, pass on `orders`, and return its exit code.

    It inherits the open file `keep_open`, so a lock on that file lasts as long as the command even
    if we are killed. Signals are ignored afterwards: what is left to do is short, and must be done.
    """
    prctl = _prctl()
    if prctl:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    foreground = _in_foreground()
    try:
        if orders.last:
            return 128 + orders.last
        process = subprocess.Popen(
            command,
            env=environment,
            pass_fds=[keep_open],
            # In a group of its own it gets a signal sent to our group once, from us. Not in a
            # terminal: that lets only the foreground group read, and itself sends it Ctrl-C.
            process_group=None if foreground else 0,
            preexec_fn=(lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)) if prctl else None,
        )
        orders.command = process
        if orders.last:  # received while it was being started
            process.send_signal(orders.last)
        if foreground:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = _exit_code(process)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return 127
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _end_what_is_left()
    return code if code >= 0 else 128 - code


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """Wait for `process`, and take note of whatever else ends that has become our child."""
    while process.returncode is None:
        pid, status = os.wait()
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode


def end(processes: Sequence[psutil.Process], seconds: float) -> None:
    """Wait for `processes` to end, and kill those that have not after `seconds`."""
    for process in _still_there(processes, seconds):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _still_there(processes, KILLED_SECONDS)


def _still_there(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while alive := [process for process in processes if _alive(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return alive


def _alive(process: psutil.Process) -> bool:
    """Whether it still does anything. Not psutil.wait_procs: that waits until its parent looks."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_what_is_left() -> None:
    left = psutil.Process().children(recursive=True)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    end(left, STOP_SECONDS)


def _prctl() -> Callable[[int, int], int] | None:
    return ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _in_foreground() -> bool:
    """Whether a terminal sends its Ctrl-C to our process group."""
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False
