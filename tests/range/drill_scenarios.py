#!/usr/bin/python3
"""A scenario of the collection on real machines, played by its own four teams: the quick one beats
the slow one, that one the wrong one, and the silent one has nothing, for a reason that the plant
shows; every attack went off, came to what it is for and was seen by the sensor, techniques are in
the layer, and nothing is left. Arguments: program, folder of the sources, name of the scenario."""

import ipaddress
import json
import re
import sys

from drill_house import attend

SPEED = 6  # of a host without acceleration that carries all the teams
SLOWER = {"fleet-backend": 3}  # its platform locks doors again by the clock of the wall
QUICK, SLOW, WRONG, SILENT = RANKED = "blue-quick", "blue-slow", "blue-wrong", "blue-silent"

# What the plant of a team comes to where nobody defends it, at least, and of one that acts at
# once, at most. In data-exfil nothing happens to the plant: the loss is of records.
LEVELS = {
    "boiler-lowwater": (4, 1), "caster-breakout": (5, 1), "data-exfil": (0, 1),
    "fleet-backend": (5, 1), "grid-blackout": (5, 4), "heating-frosty": (5, 1),
    "reactor-triton": (5, 2), "spindle-recipe": (5, 3), "water-dosing": (5, 1),
}


def check_outcome(state, name):
    quick, silent = state["teams"][QUICK], state["teams"][SILENT]
    print({name: (team["points"], team["worst_level"]) for name, team in state["teams"].items()})
    points = [state["teams"][team]["points"] for team in RANKED]
    assert quick["rank"] == 1 and silent["points"] == 0, state["teams"]
    assert points == sorted(set(points), reverse=True), points
    least, most = LEVELS[name]
    assert silent["worst_level"] >= least and quick["worst_level"] <= most, state["teams"]


def of_team(state, team, events, kind):
    index = state["teams"][team]["index"]
    return [event["payload"] for event in events
            if event["kind"] == kind and event["team"] == index]


def check_attacks(state, events):
    """All attacks that the silent team's story has went off; nobody was in their way."""
    ended = of_team(state, SILENT, events, "attack-ended")
    started = of_team(state, SILENT, events, "attack-started")
    failed = [end for end in ended if not end["ok"]]
    assert ended and not failed, failed
    planned = {plan["attack"] for plan in of_team(state, SILENT, events, "attack-planned")}
    assert {end["attack"] for end in ended} == planned, (ended, planned)
    assert len(started) == len(ended), started


def watched(house):
    """Networks whose packets a sensor of the silent team is given."""
    networks = {network["network"]: network["bridge"] for network in house.plan["networks"]
                if network["team"] == SILENT}
    seen = {networks[name.removeprefix("mirror-")] for name in networks
            if name.startswith("mirror-")}
    return {ipaddress.ip_interface(nic["address"]).network for machine in house.plan["machines"]
            if machine["team"] == SILENT for nic in machine["nics"] if nic["bridge"] in seen}


def check_alerts(house, state, events):
    """Of each attack on a network that a sensor sees, an alert of a kind that the library states
    for its family, about a host of the attacker."""
    families = json.loads(house.call("attack", "list", "--json").stdout)["attacks"]
    lines = [json.loads(line["line"]) for line in of_team(state, SILENT, events, "guest-line")]
    alerts = {(line.get("from", line.get("mac", "")), line["alert"])
              for line in lines if "alert" in line}
    networks = watched(house)
    assert networks, house.plan["networks"]
    proved = 0
    for attack in of_team(state, SILENT, events, "attack-started"):
        action = re.sub(r"^background \S+ ", "", attack["argv"]).split()
        stated = {alert for family in families if ".".join(action[:2]) in family["actions"]
                  for alert in family["alerts"]}
        found = re.search(r"\d+(\.\d+){3}", attack["argv"])
        target = ipaddress.ip_address(found.group()) if found else None
        if stated and target and any(target in network for network in networks):
            nics = house.machine(SILENT, attack["machine"])["nics"]
            own = {nic["address"].split("/")[0] for nic in nics} | {nic["mac"] for nic in nics}
            raised = {kind for source, kind in alerts if source in own}
            assert raised & stated, (attack, stated, sorted(alerts))
            proved += 1
    assert proved, (networks, sorted(alerts))
    print(f"{proved} attacks were seen: {sorted({kind for _, kind in alerts})}")


def check_techniques(house, events):
    run = house.call("report", house.id, "--navigator", seconds=120)
    layer = json.loads(run.stdout)
    used = {event["payload"]["technique"] for event in events if event["kind"] == "attack-planned"}
    drawn = {technique["techniqueID"]: technique["score"] for technique in layer["techniques"]}
    assert used <= set(drawn) and min(drawn[name] for name in used) >= 2, (used, drawn)
    print(f"techniques executed: {' '.join(sorted(used))}")


def pss_mib(house):
    """Proportional sets of all machines together."""
    total = 0
    for pid in house.qemus().values():
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += int(re.search(r"^Pss: +(\d+)", file.read(), re.M).group(1))
    return total // 1024


def play(name):
    def check(house):
        house.scenario = f"{sys.argv[2]}/scenarios/{name}"
        run = house.run(f"--teams={','.join(RANKED)}", speed=SLOWER.get(name, SPEED))
        house.learn(600)
        said = run.wait_said("drill running", 900)
        print(f"{name}: {len(house.plan['machines'])} machines, running after "
              f"{said:.0f} s; {pss_mib(house)} MiB", flush=True)
        run.wait_said("report:", 4500)
        state = run.document() if run.wait(300) == 0 else None
        assert state is not None, run.text()
        print(f"{name}: over after {run.ended:.0f} s", flush=True)
        events = house.journal()
        check_outcome(state, name)
        check_attacks(state, events)
        check_alerts(house, state, events)
        check_techniques(house, events)
        assert house.left_over() == [], house.left_over()
    return check


if __name__ == "__main__":
    sys.exit(attend(play(sys.argv[3])))
