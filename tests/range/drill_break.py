#!/usr/bin/python3
"""A bring-up that is broken off with Ctrl-C is taken down; machines start the way that was asked
for; a machine that died while no daemon ran is told as lost at the next start. Arguments:
program, folder of the sources."""

import os
import signal
import sys

from drill_house import PATIENCE_S, Run, attend, wait_for

TEAMS = "--teams=blue-quick"


def up(house):
    run = Run(house, ["up", house.scenario, TEAMS, "--how", "cold", f"--data={house.data}"],
              house.environment())
    house.started.append(run)
    house.learn()
    return run


def check_broken_off(house):
    run = up(house)
    wait_for("a machine on its way", PATIENCE_S, lambda: house.qemus())
    run.process.send_signal(signal.SIGINT)
    status = run.wait(120)
    print(f"broken off after {run.ended:.1f} s: {run.lines[-1][1]}")
    assert status == 1 and run.said("interrupted: taking the range down"), run.text()
    assert run.lines[-1][1].startswith("yanwu: interrupted while the range came up"), run.text()
    assert house.state()["drill"]["phase"] == "archived"
    assert not house.qemus() and not house.bridges() & set(os.listdir("/sys/class/net"))
    kinds = [event["kind"] for event in house.journal()]
    assert 0 < kinds.index("way-chosen") < kinds.index("range-ordered"), kinds
    assert "machine-lost" not in kinds and kinds.count("range-ordered") == 2, kinds


def check_cold_and_lost(house):
    run = up(house)
    assert run.wait(180) == 0, run.text()
    ways = [event["payload"]["how"] for event in house.journal()
            if event["kind"] == "machine-started"]
    assert ways and set(ways) == {"cold"}, ways
    victim = house.machine("blue-quick", "plc1")["domain"]
    for pid in house.keepers() + [house.core()]:
        os.kill(pid, signal.SIGKILL)
    wait_for("no daemon", PATIENCE_S, lambda: not house.ours())
    os.kill(house.qemus()[victim], signal.SIGKILL)
    wait_for("the machine dead", PATIENCE_S, lambda: victim not in house.qemus())
    house.serve()

    def found():
        events = house.core() and house.ask("/status") and [
            event["payload"] for event in house.journal() if event["kind"] == "reconciled"]
        return events if events and {"lost", "adopted"} <= {e["action"] for e in events} else None
    told = wait_for("what the start found", PATIENCE_S, found, 0.5)
    print(told)
    assert [(e["object"], e["name"]) for e in told if e["action"] == "lost"] == [("machine", "plc1")]
    adopted = [(e["object"], e["name"]) for e in told if e["action"] == "adopted"]
    assert len(adopted) >= len(house.qemus()) and ("network", "control") in adopted, told
    assert house.call("down", house.id).returncode == 0


def play(house):
    house.serve_ready()
    check_broken_off(house)
    check_cold_and_lost(house)
    os.kill(house.core(), signal.SIGTERM)
    wait_for("the daemon's end", PATIENCE_S, lambda: not house.ours())
    assert house.left_over() == [], house.left_over()


if __name__ == "__main__":
    sys.exit(attend(play))
