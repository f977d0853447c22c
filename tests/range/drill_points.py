#!/usr/bin/python3
"""Points in time on real machines: a register goes back with its checkpoint, a stop holds
everything still until it is undone, a program and a file go in and out. Arguments: program,
folder of the sources."""

import subprocess
import sys
import time

from drill_house import SKIP, House, fit, wait_for


def register_of(house, team, value=None):
    """Through the HMI's own eyes: control runs the client of the attacker's machine."""
    words = ["modbus", "read", "10.20.2.11", "1", "holding", "40"]
    if value is not None:
        words = ["modbus", "write", "10.20.2.11", "1", "holding", "40", str(value)]
    run = house.call("exec", house.id, f"{team}/jump", "--", *words, check=False)
    assert run.returncode == 0, run
    return run.stdout


def play(house):
    up = house.call("up", house.scenario, "--teams=blue-quick", "--json")
    house.id = __import__("json").loads(up.stdout)["id"]
    wait_for("the point of the start", 60, lambda: house.call(
        "checkpoint", "list", house.id).stdout)
    register_of(house, "blue-quick", 100)
    old = register_of(house, "blue-quick")
    made = house.call("checkpoint", "create", house.id, "blue-quick", "--label=before")
    register_of(house, "blue-quick", 250)
    assert register_of(house, "blue-quick") != old
    started = time.monotonic()
    house.call("checkpoint", "restore", house.id, made.stdout.strip())
    print(f"restored in {time.monotonic() - started:.2f} s")
    assert register_of(house, "blue-quick") == old, "the register is back"

    started = time.monotonic()
    house.call("reset", house.id, "blue-quick", "plc1")
    print(f"reset in {time.monotonic() - started:.2f} s")

    house.call("stop", "--now", "--reason=test")
    held = house.call("exec", house.id, "blue-quick/jump", "--", "modbus", check=False)
    assert held.returncode != 0 and "stopped" in held.stderr, held
    house.call("resume", house.id)
    register_of(house, "blue-quick")

    kept = house.call("evidence", house.id, "blue-quick", "plc1").stdout.strip()
    assert subprocess.run(["ls", kept], capture_output=True, check=True).stdout, kept
    house.call("down", house.id)


def main():
    why = fit()
    if why:
        print(f"skipped: {why}")
        return SKIP
    house = House(sys.argv[1], sys.argv[2])
    serve = subprocess.Popen([house.program, "serve", "--port=0", f"--data={house.data}"],
                             stdout=subprocess.DEVNULL,
                             stderr=open(f"{house.data}/serve.log", "w", encoding="utf-8"),
                             env=house.environment())
    try:
        wait_for("the daemon", 60, lambda: house.ask("/status"))
        play(house)
    finally:
        serve.terminate()
        serve.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
