#!/usr/bin/python3
"""Two zones with a firewall between them and a sensor on a mirror, on real machines: what the rule
lets through arrives and is seen, the rest is not; the sensor's card says nothing; machines that are
reset come back with their rules and their share in the mirror. An attacker holds a register for a
while, and stands between the controller and its operator station.
Arguments: program, folder of the sources."""

import json
import subprocess
import sys

from drill_house import PATIENCE_S, SKIP, House, fit, wait_for

PLC, HMI, RED = "10.20.2.11", "10.20.2.21", "10.20.4.66"


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
    wait_for("the alert", PATIENCE_S, lambda: (RED, PLC) in alerts(house, "write-from-unknown"), 0.5)
    code, said = run_on(house, "eye1", "ping", PLC)
    assert code == 1 and "unreachable" in said, said
    said, heard = frames(mirror["tap"])
    assert said == 0, f"the sensor said {said} frames on its mirror"
    assert heard > 0
    assert alerts(house, "address-moved") == [], "what is routed is no machine that moved"


def read(house, machine, address):
    code, said = run_on(house, machine, "modbus", "read", PLC, "1", "holding", str(address), "1")
    assert code == 0, said
    return json.loads(said)["values"][0]


def check_lasting(house):
    """A register is held until the attacker lets go; then it has its old value again."""
    write(house, 5)
    code, said = run_on(house, "mid1", "background", "numb", "modbus", "hold", PLC, "1", "holding",
                        "60", "9", "500", "600000")
    assert code == 0 and json.loads(said)["old"] == 5, said
    code, said = run_on(house, "mid1", "background", "numb", "modbus", "hold", PLC, "1", "holding",
                        "61", "9", "500", "600000")
    assert code == 1 and "already" in said, said
    write(house, 6)
    wait_for("the held value", PATIENCE_S, lambda: read(house, "red", 60) == 9, 0.5)
    code, said = run_on(house, "mid1", "halt", "numb")
    assert code == 0 and json.loads(said)["restored"], said
    assert read(house, "red", 60) == 5
    code, said = run_on(house, "mid1", "halt", "numb")
    assert code == 1, said


def check_middle(house):
    """The controller's heartbeat (register 97) goes on. The operator station, beyond the man in
    the middle, is told an old one; who asks through the firewall, on this side of him, the true
    one; and the sensor sees the address move."""
    before = read(house, "hmi1", 97)
    wait_for("a heartbeat", PATIENCE_S, lambda: read(house, "hmi1", 97) > before, 0.5)
    code, said = run_on(house, "mid1", "background", "stand", "aitm", "stand", PLC, HMI, "2000",
                        "nothing", "600000")
    assert code == 0, said

    def gap():
        view = read(house, "hmi1", 97)
        truth = read(house, "red", 97)
        return truth - view
    wait_for("an old view", 120, lambda: gap() >= 10, 0.5)
    view = read(house, "hmi1", 97)
    assert abs(read(house, "hmi1", 97) - view) <= 3, "the values of two seconds, again and again"
    wait_for("the alert", PATIENCE_S, lambda: moved(house), 0.5)
    code, said = run_on(house, "mid1", "halt", "stand")
    done = json.loads(said)
    assert code == 0 and done["restored"] and done["changed"] >= 3, said

    def healed():
        """A frame or two may still go to the one who left."""
        code, said = run_on(house, "hmi1", "modbus", "read", PLC, "1", "holding", "97", "1")
        return code == 0 and abs(read(house, "red", 97) - json.loads(said)["values"][0]) <= 9
    wait_for("the true view", 120, healed, 0.5)


def moved(house):
    lines = [json.loads(event["payload"]["line"]) for event in house.journal()
             if event["kind"] == "guest-line" and event["payload"]["machine"] == "eye1"]
    return [line["address"] for line in lines if line.get("alert") == "address-moved"
            and line["address"] in (PLC, HMI)]


def check_resets(house, mirror):
    """Copies of golden machines, and back where they were when the range came up: the firewall
    with the scenario's rules, the PLC in the mirror."""
    assert {one["machine"]: one["how"] for one in started(house)} == {
        name: "shared" for name in ("plc1", "wall1", "red", "hmi1", "mid1", "eye1")}
    for machine in ("plc1", "wall1"):
        house.call("reset", house.id, "blue", machine, seconds=200)
    heard = frames(mirror["tap"])[1]
    write(house, 8)
    wait_for("the mirror", PATIENCE_S, lambda: frames(mirror["tap"])[1] >= heard + 2)
    assert frames(mirror["tap"])[0] == 0


def play(house):
    house.serve()
    wait_for("the daemon", PATIENCE_S, house.api)
    house.call("up", house.scenario, seconds=280)
    house.learn(60)
    mirror = house.machine("blue", "eye1")["nics"][1]
    check_way(house, mirror)
    check_lasting(house)
    check_middle(house)
    check_resets(house, mirror)
    house.call("down", house.id, seconds=120)
    wait_for("nothing left", PATIENCE_S, lambda: not [name for name in house.left_over()
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
