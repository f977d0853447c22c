#!/usr/bin/python3
"""Isolation of a range on real machines: proved and journalled when it comes up, with rules in
the kernel that go with it; and with a leak put into it on purpose the bring-up fails, says what
reached what, and takes everything away. Arguments: program, folder of the sources."""

import os
import subprocess
import sys
import threading

from drill_house import PATIENCE_S, attend, interfaces, wait_for

OUTSIDE = "192.0.2.1"  # one of the addresses that every proof asks for


def tables():
    run = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    return {line.split()[2] for line in run.stdout.splitlines() if line.startswith("table ")}


def bring_up(house):
    """`yanwu up` by hand; its result."""
    api = wait_for("the daemon", PATIENCE_S, house.api)
    assert api
    result = []
    thread = threading.Thread(target=lambda: result.append(subprocess.run(
        [house.program, "up", house.scenario, f"--data={house.data}", "--json"], text=True,
        capture_output=True, timeout=240, check=False, env=house.environment())))
    thread.start()
    house.learn(60)
    return thread, result


def proofs(house):
    return [event for event in house.journal() if event["kind"] == "isolation-proved"]


def nothing_left(house):
    left = [name for name, alias in interfaces().items()
            if name in house.bridges() or house.id in alias]
    left += [name for name in tables() if any(bridge.startswith(name)
                                              for bridge in house.bridges())]
    left += [f"tap {nic['tap']}" for machine in house.plan["machines"]
             for nic in machine["nics"] if nic["tap"] in interfaces()]
    return left + list(house.qemus())


def check_proved(house):
    house.serve()
    thread, result = bring_up(house)
    thread.join()
    assert result[0].returncode == 0, result[0]
    found = proofs(house)
    print([(event["payload"]["machine"], event["payload"]["probes"]) for event in found])
    assert {event["team"] for event in found} == {0, 1}, found
    for event in found:
        assert event["payload"]["ok"] and event["payload"]["reached"] == 0, event
        assert event["payload"]["probes"] >= 5, event
    assert any(bridge.startswith(name) for name in tables() for bridge in house.bridges())
    taps = {nic["tap"] for machine in house.plan["machines"] for nic in machine["nics"]}
    assert taps <= set(interfaces()), taps  # the names that the rules know
    house.call("down", house.id)
    assert nothing_left(house) == [], nothing_left(house)


def put_leak(house, name):
    """A neighbour that answers for the outside, in the first team's control network."""
    bridge = house.control_bridge("blue-quick" if "blue-quick" in str(house.plan["teams"])
                                  else house.plan["teams"][0])
    wait_for("the bridge", PATIENCE_S, lambda: bridge in interfaces())
    for words in (["netns", "add", name],
                  ["link", "add", name, "type", "veth", "peer", "name", "leak0", "netns", name],
                  ["-n", name, "address", "add", f"{OUTSIDE}/32", "dev", "leak0"],
                  ["-n", name, "link", "set", "leak0", "up"],
                  ["link", "set", name, "master", bridge, "up"]):
        subprocess.run(["ip", *words], check=True)


def check_leak(house):
    name = f"ywleak{os.getpid() % 100000}"
    house.serve()
    thread, result = bring_up(house)
    try:
        put_leak(house, name)
        thread.join()
    finally:
        subprocess.run(["ip", "link", "delete", name], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)
    print(result[0].stderr.strip())
    assert result[0].returncode == 1, result[0]
    for word in ("not isolated", "machine 'jump'", f"reached {OUTSIDE} by arp"):
        assert word in result[0].stderr, result[0].stderr
    bad = [event["payload"] for event in proofs(house) if not event["payload"]["ok"]]
    assert len(bad) == 1 and bad[0]["reached"] >= 1, bad
    assert nothing_left(house) == [], nothing_left(house)


if __name__ == "__main__":
    sys.exit(attend(check_proved, check_leak))
