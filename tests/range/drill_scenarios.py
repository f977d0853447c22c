#!/usr/bin/python3
"""A scenario of the collection on real machines, played by its own teams: the quick one beats the
silent one for a reason that the plant shows, what was planned was executed, techniques are in the
layer, and nothing is left. Arguments: program, folder of the sources, name of the scenario."""

import json
import sys

from drill_house import attend

SPEED = 4  # of a host without acceleration that carries all the teams


def points_of(state):
    return {name.rpartition("-")[2]: team for name, team in state["teams"].items()}


def check_outcome(state):
    teams = points_of(state)
    quick, silent = teams["quick"], teams["silent"]
    print({name: (team["points"], team["worst_level"]) for name, team in teams.items()})
    assert quick["rank"] == 1 and quick["points"] > silent["points"], state["teams"]
    assert quick["worst_level"] <= silent["worst_level"], state["teams"]


def check_attacks(state, events):
    """All attacks that the silent team's story has went off; nobody was in their way."""
    silent = next(i for i, name in enumerate(sorted(state["teams"])) if name.endswith("silent"))
    ended = [event["payload"] for event in events
             if event["kind"] == "attack-ended" and event["team"] == silent]
    failed = [end for end in ended if not end["ok"]]
    assert ended and not failed, failed


def check_techniques(house, events):
    run = house.call("report", house.id, "--navigator", seconds=120)
    layer = json.loads(run.stdout)
    used = {event["payload"]["technique"] for event in events if event["kind"] == "attack-planned"}
    drawn = {technique["techniqueID"]: technique["score"] for technique in layer["techniques"]}
    assert used <= set(drawn) and max(drawn.values()) >= 2, (used, drawn)


def play(name):
    def check(house):
        house.scenario = f"{sys.argv[2]}/scenarios/{name}"
        run = house.run(speed=SPEED)
        house.learn()
        run.wait_said("drill running", 900)
        run.wait_said("report:", 4500)
        state = run.document() if run.wait(300) == 0 else None
        assert state is not None, run.text()
        events = house.journal()
        check_outcome(state)
        check_attacks(state, events)
        check_techniques(house, events)
        assert house.left_over() == [], house.left_over()
    return check


if __name__ == "__main__":
    wanted = sys.argv.pop()
    attend(play(wanted))
