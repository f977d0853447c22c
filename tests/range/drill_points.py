#!/usr/bin/python3
"""Points in time on real machines: a register goes back with its checkpoint, a stop holds
everything still until it is undone, a program and a file go in and out. Arguments: program,
folder of the sources."""

import json
import os
import subprocess
import sys
import time

from drill_house import SKIP, House, fit, wait_for


def execute(house, machine, *words):
    """After `--` every word is the program's, so the data directory is named before it."""
    return subprocess.run([house.program, "exec", house.id, machine, f"--data={house.data}",
                           "--", *words], text=True, capture_output=True, timeout=60,
                          check=False, env=house.environment())


def register_of(house, value=None):
    """The set-point as the attacker's machine reads it, after it wrote one."""
    words = ["modbus", "read", "10.20.2.11", "1", "holding", "40", "1"]
    if value is not None:
        words = ["modbus", "write", "10.20.2.11", "1", "holding", "40", str(value)]
    run = execute(house, "blue-quick/jump", *words)
    assert run.returncode == 0, run
    return run.stdout


def up_of(taps):
    """Those whose bridge takes and gives."""
    run = subprocess.run(["bridge", "-json", "link", "show"], capture_output=True, text=True,
                         check=True)
    return {link["ifname"] for link in json.loads(run.stdout)
            if link["ifname"] in taps and link["state"] == "forwarding"}


def machines(house):
    domains = {machine["domain"] for machine in house.plan["machines"]}
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if any(f"guest={domain}," in word for domain in domains for word in words):
            found.append(pid)
    return found


def ticks(processes):
    """User time of each process: that of a machine which stands does not grow."""
    found = {}
    for pid in processes:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            found[pid] = file.read().rsplit(")", 1)[1].split()[11]
    return found


def play(house):
    up = house.call("up", house.scenario, "--teams=blue-quick", "--json")
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    wait_for("the point of the start", 60, lambda: house.call(
        "checkpoint", "list", house.id).stdout)
    register_of(house, 100)
    old = register_of(house)
    made = house.call("checkpoint", "create", house.id, "blue-quick", "--label=before")
    register_of(house, 250)
    assert register_of(house) != old
    started = time.monotonic()
    house.call("checkpoint", "restore", house.id, made.stdout.strip())
    print(f"restored in {time.monotonic() - started:.2f} s")
    assert register_of(house) == old, "the register is back"

    started = time.monotonic()
    house.call("reset", house.id, "blue-quick", "plc1")
    print(f"reset in {time.monotonic() - started:.2f} s")
    started = time.monotonic()
    house.call("reset", house.id, "blue-quick")
    print(f"the whole team in {time.monotonic() - started:.2f} s")

    taps = {nic["tap"] for machine in house.plan["machines"] for nic in machine["nics"]}
    assert len(taps) >= 3 and up_of(taps) == taps, (taps, up_of(taps))
    house.call("stop", "--now", "--reason=test")
    assert up_of(taps) == set(), "every link is cut"
    processes = machines(house)
    assert len(processes) == len(house.plan["machines"]), "every machine is there"
    before = ticks(processes)
    time.sleep(1)
    assert ticks(processes) == before, "every machine stands"
    held = execute(house, "blue-quick/jump", "modbus")
    assert held.returncode != 0 and "stopped" in held.stderr, held
    house.call("resume", house.id)
    assert up_of(taps) == taps, up_of(taps)
    register_of(house)

    kept = house.call("evidence", house.id, "blue-quick", "plc1").stdout.strip()
    assert os.listdir(kept), kept
    house.call("down", house.id)


def main():
    unfit = fit()
    if unfit:
        print(unfit)
        return SKIP
    house = House(sys.argv[1], sys.argv[2])
    try:
        house.serve()
        wait_for("the daemon", 60, lambda: house.ask("/status"))
        play(house)
    except BaseException:
        house.tell()
        raise
    finally:
        house.close()
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
