#!/usr/bin/python3
"""Full machines: Debian with a disk of its own, copied from one golden machine, each with its
own identity; memory and disk go back together. Arguments: program, folder of the sources."""

import json
import os
import sys
import tempfile

from drill_house import SKIP, House, fit, wait_for
from drill_points import execute

SCENARIO = """scenario "office" {
  title = { zh = "办公网", en = "An office" }, sector = "water", mode = "drill", length = "5m",
}
local office = network "office" { cidr = "10.20.4.0/24", zone = "L4" }
local one = machine "one" { image = "debian", at = { office ".10" } }
local two = machine "two" { image = "debian", at = { office ".11" } }
story(function (s) s:wait "1m" end)
"""


def say(house, machine, script):
    run = execute(house, machine, "sh", "-c", script)
    assert run.returncode == 0, run
    return run.stdout.strip()


def identity(house, machine):
    return tuple(say(house, machine, script) for script in
                 ("hostname", "cat /etc/machine-id", "cat /sys/class/net/eth0/address",
                  "cat /etc/ssh/ssh_host_ed25519_key.pub"))


def play(house):
    up = house.call("up", house.scenario, "--json", seconds=300)
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    keys = "test -s /etc/ssh/ssh_host_ed25519_key.pub"
    for machine in ("one", "two"):
        wait_for("keys of its own", 60, lambda name=machine: execute(
            house, name, "sh", "-c", keys).returncode == 0)
    one, two = identity(house, "one"), identity(house, "two")
    assert one[0] == "one" and two[0] == "two", (one, two)
    assert all(mine != other for mine, other in zip(one, two)), (one, two)
    say(house, "one", "ping -c 1 -W 5 10.20.4.11")
    assert execute(house, "one", "sh", "-c", "exit 7").returncode == 7

    wait_for("the point of the start", 60, lambda: house.call(
        "checkpoint", "list", house.id).stdout)
    say(house, "two", "echo spoilt >/etc/motd && sync")
    house.call("reset", house.id, "blue", "two")
    assert say(house, "two", "cat /etc/motd") != "spoilt", "the disk is back"
    assert identity(house, "two") == two, "and so is who it is"
    journal = house.call("journal", house.id, "--json").stdout
    assert journal.count('"machine-started"') == 2, "both were started once"
    assert journal.count('"how":"shared"') == 2, "and both are copies in shared memory"
    house.call("down", house.id)
    left = [name for name in os.listdir(f"{house.data}/libvirt/points") if name != "golden"]
    assert not left, left


def main():
    unfit = fit()
    if unfit:
        print(unfit)
        return SKIP
    house = House(sys.argv[1], sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        house.scenario = f"{folder}/office"
        os.mkdir(house.scenario)
        with open(f"{house.scenario}/scenario.lua", "w", encoding="utf-8") as file:
            file.write(SCENARIO)
        try:
            disk = os.path.join(os.environ["YW_IMAGES"], "debian.qcow2")
            house.call("image", "add", disk, "--id", "debian", seconds=120)
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
