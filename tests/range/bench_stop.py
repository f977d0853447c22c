#!/usr/bin/python3
"""`yanwu bench range` interrupted: while it makes its golden machine, in the middle of bring-up,
while it holds, and by a second Ctrl-C, which leaves things to the next bench. Arguments:
program, folder of the sources."""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys

from drill_house import SKIP, House, Run, all_pids, argv_of, fit, interfaces, wait_for

LONG = 120


def lives_in(pid, folder):
    """A machine sees the world of its driver, where that folder has another name."""
    try:
        with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
            return f"/{folder}/" in file.read()
    except OSError:
        return False


def guests(drill):
    """Process of each machine of this bench, by its name."""
    found = {}
    for pid in all_pids():
        words = argv_of(pid)
        name = re.match(r"guest=([^,]+)", words[2]) if len(words) > 2 else None
        if name and "qemu-system" in words[0] and lives_in(pid, drill):
            found[name.group(1)] = pid
    return found


def benches(data):
    return [name for name in os.listdir(data) if name.startswith("bench-")]


def brokers(data):
    return [pid for pid in all_pids() if argv_of(pid)[1:2] == ["broker"]
            and any(data in word for word in argv_of(pid))]


def hashed(text):
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def links_of(drill):
    return [name for name in interfaces() if name.startswith("yw" + hashed(drill)[:6])]


def tables_of(drill):
    run = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    return [line.split()[1:] for line in run.stdout.splitlines()
            if line.split()[-1] == "yw" + hashed(drill)[:6]]


def what_is_left(data, drill):
    """Of one bench, in words."""
    tree = "yanwu-" + hashed(f"{data}/{drill}")[:8]
    return ([f"machine {name}" for name in guests(drill)] +
            [f"process {pid}" for pid in brokers(data)] +
            [f"interface {name}" for name in links_of(drill)] +
            [f"rules {words}" for words in tables_of(drill)] +
            [f"group {path}" for path, _, _ in os.walk("/sys/fs/cgroup")
             if path.endswith(tree)] +
            [f"folder {name}" for name in benches(data)])


def scrub(data, drill):
    """After a failure: nothing stays of it either."""
    for pid in list(guests(drill).values()) + brokers(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for name in links_of(drill):
        subprocess.run(["ip", "link", "delete", name], check=False)
    for words in tables_of(drill):
        subprocess.run(["nft", "delete", "table", *words], check=False)


def begin(house, before=None):
    run = Run(house, ["bench", "range", "--machines=2", "--hold=600", f"--data={house.data}"],
              house.environment())
    house.started.append(run)

    def folder():
        assert run.process.poll() is None, run.text()
        return [name for name in benches(house.data) if name != before]
    drill = wait_for("the folder of the bench", LONG, folder)[0]
    house.drills.append(drill)
    return run, drill


def check_down(house, run, drill):
    assert run.wait(LONG) == 1, run.text()
    assert run.said("taking the range down") is not None, run.text()
    assert run.said("interrupted; the range is down") is not None, run.text()
    assert not what_is_left(house.data, drill), what_is_left(house.data, drill)


def check_hold(house):
    run, drill = begin(house)
    run.wait_said("and held for", LONG)
    assert {"yw-bench-m0", "yw-bench-m1", "yw-bench-m2"} <= set(guests(drill))
    run.process.send_signal(signal.SIGINT)
    check_down(house, run, drill)


def leave(house):
    """In the middle of bring-up, with a broker that does not answer: twice."""
    run, drill = begin(house)
    wait_for("a machine", LONG, lambda: "yw-bench-m0" in guests(drill))
    ours = brokers(house.data)
    assert ours
    for pid in ours:
        os.kill(pid, signal.SIGSTOP)
    run.process.send_signal(signal.SIGINT)
    run.wait_said("taking the range down", LONG)
    run.process.send_signal(signal.SIGINT)
    assert run.wait(LONG) == 128 + signal.SIGINT, run.text()
    assert run.said(f"of {drill} may stay") is not None, run.text()
    for pid in ours:
        os.kill(pid, signal.SIGCONT)
    assert guests(drill) and what_is_left(house.data, drill)
    return drill


def check_next(house, before):
    """Takes down what the one before left, and ends while it makes its golden machine."""
    run, drill = begin(house, before)
    assert run.said(f"taken down what the interrupted {before} had left") is not None, run.text()
    assert before not in benches(house.data) and not links_of(before), run.text()
    wait_for("its golden machine", LONG, lambda: any(
        "golden" in name for name in guests(drill)), 0.01)
    run.process.send_signal(signal.SIGTERM)
    check_down(house, run, drill)
    assert not what_is_left(house.data, before), what_is_left(house.data, before)


def main():
    why = fit()
    if why:
        print(f"skipped: {why}")
        return SKIP
    house = House(sys.argv[1], sys.argv[2], bare=True)
    house.drills = []
    try:
        check_hold(house)
        check_next(house, leave(house))
    except AssertionError:
        house.tell()
        raise
    finally:
        for drill in house.drills:
            scrub(house.data, drill)
        house.close()
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
