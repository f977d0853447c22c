#!/usr/bin/python3
"""Two zones with a firewall between them and a sensor on a mirror, on real machines: what the rule
lets through arrives and is seen, the rest is not; the sensor's card says nothing; machines that are
reset come back with their rules and their share in the mirror.
Arguments: program, folder of the sources."""

import json
import subprocess
import sys

from drill_house import SKIP, House, fit, wait_for

PLC, RED = "10.20.2.11", "10.20.4.66"


def frames(tap):
    """Frames that came from the machine, and those that went to it."""
    run = subprocess.run(["ip", "-json", "-s", "link", "show", tap], capture_output=True, text=True,
                         check=True)
    stats = json.loads(run.stdout)[0]["stats64"]
    return stats["rx"]["packets"], stats["tx"]["packets"]


def run_on(house, machine, *words):
    run = subprocess.run([house.program, "exec", house.id, f"blue/{machine}", f"--data={house.data}",
                          "--", *words], text=True, capture_output=True, timeout=120, check=False,
                         env=house.environment())
    return run.returncode, run.stdout + run.stderr


def alerts(house, name):
    lines = [json.loads(event["payload"]["line"]) for event in house.journal()
             if event["kind"] == "guest-line" and event["payload"]["machine"] == "eye1"]
    return [(line.get("from"), line.get("to")) for line in lines if line.get("alert") == name]


def started(house):
    return [event["payload"] for event in house.journal() if event["kind"] == "machine-started"]


def write(house, value):
    """The attacker writes a register through the firewall."""
    code, said = run_on(house, "red", "modbus", "write", PLC, "1", "holding", "60", str(value))
    assert code == 0 and json.loads(said)["new"] == value, said


def check_way(house, mirror):
    """Its rule lets the attacker write, and nobody else; the sensor sees the write."""
    write(house, 7)
    wait_for("the alert", 90, lambda: (RED, PLC) in alerts(house, "write-from-unknown"), 0.5)
    code, said = run_on(house, "eye1", "ping", PLC)
    assert code == 1 and "unreachable" in said, said
    said, heard = frames(mirror["tap"])
    assert said == 0, f"the sensor said {said} frames on its mirror"
    assert heard > 0
    assert alerts(house, "address-moved") == [], "what is routed is no machine that moved"


def check_resets(house, mirror):
    """Copies of golden machines, and back where they were when the range came up: the firewall
    with the scenario's rules, the PLC in the mirror."""
    assert {one["machine"]: one["how"] for one in started(house)} == {
        name: "shared" for name in ("plc1", "wall1", "red", "eye1")}
    for machine in ("plc1", "wall1"):
        house.call("reset", house.id, "blue", machine, seconds=200)
    heard = frames(mirror["tap"])[1]
    write(house, 8)
    wait_for("the mirror", 60, lambda: frames(mirror["tap"])[1] >= heard + 2)
    assert frames(mirror["tap"])[0] == 0


def play(house):
    house.serve()
    wait_for("the daemon", 60, house.api)
    house.call("up", house.scenario, seconds=280)
    house.learn(60)
    mirror = house.machine("blue", "eye1")["nics"][1]
    check_way(house, mirror)
    check_resets(house, mirror)
    house.call("down", house.id, seconds=120)
    wait_for("nothing left", 60, lambda: not [name for name in house.left_over()
                                              if not name.startswith("process")])


def main():
    unfit = fit()
    if unfit:
        print(unfit)
        return SKIP
    house = House(sys.argv[1], sys.argv[2])
    house.scenario = f"{sys.argv[2]}/tests/range/zones"
    try:
        play(house)
    except BaseException:
        house.tell()
        raise
    finally:
        house.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
