#!/usr/bin/python3
"""A whole drill of two teams on two hosts over lines that can be cut: each team is placed on
a host of its own and proved isolated; a host that is cut off, or whose broker stands still,
is shown lost in time and only its team degrades; what was there is found again, none of it
twice. One of them is emptied onto a third host, this one: its machines are carried there with
what they had in memory, and found again after the broker there is killed. Nothing stays on any
host. Then one team that is too large for a host: its network spans two. Run by tests/libvirt/far.py. Arguments: program, folder of the sources."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

from drill_house import PATIENCE_S, all_pids, argv_of, attend, interfaces, wait_for

HOSTS = {1: "east", 2: "west"}
HERE = "here"
MARK = "4711"   # nothing of the scenario writes it
PLC = "10.20.2.11"
DISK_KEPT_MIB = 1024  # that admission keeps for the host
MACHINE_MIB = 66      # of disk that it counts for a machine
# What stays on a host: the images, what was found out, and the machines to make copies of.
KEPT = (r"images/[^/]+|libvirt/(accelerator|broker\.lock|etc/qemu\.conf"
        r"|run/qemu/(driver\.pid|autostarted)|cache/qemu/capabilities/[0-9a-f]+\.xml"
        r"|golden/[0-9a-f]{64}/(golden|memory|state|image))")


def far(number, word):
    return os.environ[f"YW_FAR{number}_{word}"]


def on_host(number, *words):
    run = subprocess.run([*shlex.split(far(number, "ENTER")), *words], text=True,
                         capture_output=True, timeout=PATIENCE_S, check=False)
    return run.stdout


def write_hosts(house):
    path = f"{house.data}/hosts.json"
    here = {"name": HERE, "underlay": "10.99.0.1", "drain": True}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"hosts": [here] + [{"name": name, "data": far(number, "DATA"),
                              "underlay": far(number, "ADDRESS"),
                              "run": [*shlex.split(far(number, "DIAL")), house.program]}
                             for number, name in HOSTS.items()]}, file)
    return path


def limit_disk(number, size_mib, *, remount=False):
    option = f"{'remount,' if remount else ''}size={size_mib}m"
    on_host(number, "mount", "-t", "tmpfs", "-o", option, "tmpfs", far(number, "DATA"))


def used_mib(number):
    return int(on_host(number, "df", "-m", "--output=used", far(number, "DATA")).split()[1])


def bring_up(house, *words):
    began = time.monotonic()
    up = subprocess.run([house.program, "up", house.scenario, f"--data={house.data}", "--json",
                         *words], text=True, capture_output=True, timeout=120, check=False,
                        env=house.environment())
    assert up.returncode == 0, up
    print(f"up on two hosts in {time.monotonic() - began:.1f} s")
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    proofs = events(house, "isolation-proved")
    assert {event["team"] for event in proofs} == set(range(len(house.plan["teams"]))), proofs
    assert all(event["payload"]["ok"] and event["payload"]["probes"] >= 5
               for event in proofs), proofs


def start(house):
    house.ask(f"/drills/{house.id}/start", "POST", {})
    wait_for("the drill to run", PATIENCE_S, lambda: house.state()["drill"]["phase"] == "running")
    wait_for("the points to go back to", PATIENCE_S, lambda: len(events(house, "checkpoint-ended")) ==
             len(house.plan["teams"]))


def events(house, kind):
    return [event for event in house.journal() if event["kind"] == kind]


def check_places(house):
    """The host of each team; that is one host a team."""
    where = {}
    for event in events(house, "machine-placed"):
        where.setdefault(event["team"], set()).add(event["payload"]["host"])
    assert sorted(map(sorted, where.values())) == [["east"], ["west"]], where
    return {hosts.pop(): house.plan["teams"][team] for team, hosts in where.items()}


def host_state(house, name):
    return next(host["state"] for host in house.ask("/hosts")["hosts"] if host["name"] == name)


def states(house, team):
    return {machine["state"] for machine in house.state()["machines"][team].values()}


def execute(house, machine, *words):
    """What a program in a machine says; None: it failed, or nobody answered."""
    run = subprocess.run([house.program, "exec", house.id, machine, f"--data={house.data}",
                          "--", *words], text=True, capture_output=True, timeout=PATIENCE_S,
                         check=False, env=house.environment())
    return run.stdout.strip() if run.returncode == 0 else None


def dose(house, team):
    """What the intruder's machine of a team reads from its controller."""
    return execute(house, f"{team}/jump", "modbus", "read", PLC, "1", "holding", "40", "1")


def check_loss(house, teams, number, lose):
    """One host is gone; the other's team does not notice."""
    gone, other = HOSTS[number], HOSTS[3 - number]
    began = time.monotonic()
    lose()
    wait_for(f"the loss of {gone}", PATIENCE_S,
             lambda: host_state(house, gone) == "lost")
    print(f"{gone} lost: shown after {time.monotonic() - began:.1f} s")
    wait_for("its machines' loss", PATIENCE_S,
             lambda: states(house, teams[gone]) == {"lost"})
    assert states(house, teams[other]) == {"serving"}, house.state()["machines"]
    assert host_state(house, other) == "up"
    assert dose(house, teams[other]), "the other team's range works"
    drill_ms = house.state()["clock"]["drill_ms"]
    wait_for("drill time", PATIENCE_S, lambda: house.state()["clock"]["drill_ms"] > drill_ms)
    assert house.state()["drill"]["phase"] == "running"


def check_return(house, teams, number, before):
    """Back, with the very processes that it had, and none of them twice."""
    name = HOSTS[number]
    began = time.monotonic()
    wait_for(f"{name} up", PATIENCE_S, lambda: host_state(house, name) == "up")
    wait_for("its machines", PATIENCE_S, lambda: states(house, teams[name]) == {"serving"})
    print(f"{name} back: all found after {time.monotonic() - began:.1f} s")
    assert machines(house) == before, (machines(house), before)
    assert dose(house, teams[name]), "its range works again"


def machines(house):
    """Every process of a machine with its domain, on whatever host."""
    return sorted((pid, domain) for pid in all_pids() for domain in house.domains()
                  if any(f"guest={domain}," in word for word in argv_of(pid)[:3]))


def far_brokers(number):
    """Both processes of the broker there, the outer first."""
    return sorted(pid for pid in all_pids() if argv_of(pid)[1:4] == ["broker", "--stdio",
                                                                     far(number, "DATA")])


def stand_still(number):
    found = far_brokers(number)
    assert found, "a broker there"
    for pid in found:
        os.kill(pid, signal.SIGSTOP)


def go_on(number):
    for pid in far_brokers(number):
        os.kill(pid, signal.SIGCONT)


def left_on(number):
    """What a drill must not leave on a far host."""
    left = [line for line in on_host(number, "ip", "-o", "link").splitlines()
            if line.split()[1].startswith(("yw", "vnet"))]
    left += on_host(number, "nft", "list", "tables").splitlines()
    files = [os.path.relpath(path, far(number, "DATA")) for path in
             on_host(number, "find", far(number, "DATA"), "-type", "f").splitlines()]
    assert "images/vmlinux" in files, files
    return left + [path for path in files if not re.fullmatch(KEPT, path)]


def capture_of(house, team, network="control"):
    """What control is told of a network, and its files."""
    told = house.ask(f"/drills/{house.id}/captures")
    state = next(one for one in told["captures"]
                 if (one["team"], one["network"]) == (team, network))
    return state, [file for file in told["files"]
                   if (file["team"], file["network"]) == (team, network)]


def begin_capture(house, number, team):
    """On the far host, and what is written there is soon here as well."""
    house.call("capture", "start", house.id, f"{team}/control")
    assert dose(house, team)
    files = wait_for("its file here", PATIENCE_S, lambda: [
        file for file in capture_of(house, team)[1] if file["bytes"] > 24])
    assert {file["host"] for file in files} == {HOSTS[number]}, files
    folder = f"{far(number, 'DATA')}/drills/{house.id}/captures"
    assert on_host(number, "ls", folder).split(), "it is written there"


def end_capture(house, number, team):
    """The host was lost in between: another was begun, and in the end all is here, proved by
    its hash, and nothing there."""
    state, _ = wait_for("another capture", PATIENCE_S, lambda: (
        lambda found: found if found[0]["on"] and found[0]["capture"] > 1 else None)(
            capture_of(house, team)))
    assert dose(house, team)
    house.call("capture", "stop", house.id, f"{team}/control")
    folder = f"{far(number, 'DATA')}/drills/{house.id}/captures"
    wait_for("all files here", PATIENCE_S, lambda: not on_host(number, "ls", folder).split())
    _, files = capture_of(house, team)
    assert {file["capture"] for file in files} >= {1, state["capture"]}, files
    for file in files:
        out = os.path.join(house.data, "fetched.pcap")
        house.call("capture", "get", house.id, file["file"], f"--out={out}")
        run = subprocess.run(["tshark", "-r", out, "-Y", "modbus.func_code == 3"], text=True,
                             capture_output=True, timeout=PATIENCE_S, check=False)
        assert "Modbus" in run.stdout, (file, run)
        kept = os.stat(f"{house.data}/drills/{house.id}/captures/{file['file']}")
        assert kept.st_mode & 0o777 == 0o440, "its hash was found equal"
        os.remove(out)


def take_down(house):
    house.call("down", house.id)
    assert machines(house) == [], machines(house)
    for number in HOSTS:
        assert left_on(number) == [], left_on(number)
    assert not set(interfaces()) & house.bridges()


def play_two_teams(house):
    bring_up(house)
    teams = check_places(house)
    start(house)
    before = machines(house)
    assert len(before) == 6, before

    begin_capture(house, 2, teams["west"])

    check_loss(house, teams, 2, lambda: subprocess.run(far(2, "CUT"), shell=True, check=True))
    subprocess.run(far(2, "HEAL"), shell=True, check=True)
    check_return(house, teams, 2, before)
    end_capture(house, 2, teams["west"])

    check_loss(house, teams, 1, lambda: stand_still(1))
    go_on(1)
    check_return(house, teams, 1, before)

    changes = [(event["payload"]["host"], event["payload"]["state"])
               for event in events(house, "host-changed")]
    assert changes == [("west", "lost"), ("west", "up"), ("east", "lost"), ("east", "up")], changes
    assert not events(house, "machine-moved")
    empty_a_host(house, teams["west"])
    take_down(house)


def empty_a_host(house, team):
    """Its machines go on here as they were there, once each; also when the broker dies."""
    jump = f"{team}/jump"
    assert execute(house, jump, "modbus", "write", PLC, "1", "holding", "44", MARK) is not None
    house.call("host", "undrain", HERE)
    began = time.monotonic()
    house.call("host", "drain", "west")
    wait_for("the moves", 120, lambda: len(events(house, "machine-moved")) == 3)
    moves = [event["payload"] for event in events(house, "machine-moved")]
    print(f"west emptied in {time.monotonic() - began:.1f} s")
    assert all(move["ok"] and move["how"] == "carried" and move["host"] == HERE
               for move in moves), moves
    wait_for("west to be empty", PATIENCE_S, lambda: not machines_on(house, 2))
    assert states(house, team) == {"serving"}, house.state()["machines"]
    after = machines(house)
    assert len(after) == 6, after
    assert MARK in (execute(house, jump, "modbus", "read", PLC, "1", "holding", "44", "1") or "")

    brokers = [pid for pid in all_pids() if argv_of(pid)[1:2] == ["broker"] and
               any(word.startswith(house.data) for word in argv_of(pid))]
    assert len(brokers) == 2, brokers
    for pid in brokers:
        os.kill(pid, signal.SIGKILL)
    wait_for("the broker's end to be told", PATIENCE_S,
             lambda: any("broker of host here" in event["payload"].get("text", "")
                         for event in events(house, "platform-fault")))
    wait_for("its machines", PATIENCE_S, lambda: dose(house, team))
    assert machines(house) == after, (machines(house), after)
    house.call("reset", house.id, team, "plc1")
    assert MARK not in execute(house, jump, "modbus", "read", PLC, "1", "holding", "44", "1")


def machines_on(house, number):
    names = on_host(number, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'")
    return [domain for domain in house.domains() if f"guest={domain}," in names]


def play_one_team(house):
    """Room for two of its three machines on a host."""
    house.call("host", "undrain", "west")
    house.call("host", "drain", HERE)
    for number in HOSTS:
        limit_disk(number, used_mib(number) + DISK_KEPT_MIB + 5 * MACHINE_MIB // 2, remount=True)
    bring_up(house, "--teams=blue-quick")
    where = {event["payload"]["machine"]: event["payload"]["host"]
             for event in events(house, "machine-placed")}
    spanned = [event["payload"] for event in events(house, "network-spanned")]
    print(where, spanned)
    assert set(where.values()) == set(HOSTS.values()), where
    assert "control" in {span["network"] for span in spanned}, spanned
    start(house)
    across = next(name for name, host in where.items() if host != where["plc1"])
    assert execute(house, f"blue-quick/{across}", "ping", PLC) is not None, across
    check_point_across(house)
    cards = {card["address"]: card["mtu"] for card in
             json.loads(execute(house, "blue-quick/jump", "addr"))["interfaces"]}
    assert cards["10.20.2.66"] == 1450, cards   # of the network that spans
    take_down(house)


def check_point_across(house):
    """One moment of a team on two hosts, and back to it."""
    jump = "blue-quick/jump"
    made = house.call("checkpoint", "create", house.id, "blue-quick", "--label=across")
    kept = next(event["payload"] for event in events(house, "checkpoint-ended")
                if event["payload"]["label"] == "across")
    assert kept["ok"] and kept["frozen_ms"] > 0, kept
    print(f"saved on two hosts, frozen for {kept['frozen_ms']} ms")
    assert execute(house, jump, "modbus", "write", PLC, "1", "holding", "44", MARK) is not None
    house.call("checkpoint", "restore", house.id, made.stdout.strip())
    assert MARK not in execute(house, jump, "modbus", "read", PLC, "1", "holding", "44", "1")


def check_plan(house, hosts):
    """Where each team would go, with the numbers that the hosts tell."""
    plan = house.call("plan", house.scenario, "--hosts", hosts, "--json", seconds=150)
    estimate = json.loads(plan.stdout)["estimate"]
    room = {host["name"]: host["room"]["disk_mib"] for host in estimate["hosts"]}
    assert set(room) == {HERE, *HOSTS.values()} and room["east"] <= 4096 - DISK_KEPT_MIB, room
    where = {}
    for machine in estimate["machines"]:
        where.setdefault(machine["team"], set()).add(machine["host"])
    assert sorted(map(sorted, where.values())) == [["east"], ["west"]], where


def play(house):
    for number in HOSTS:
        limit_disk(number, 4096)
    hosts = write_hosts(house)
    check_plan(house, hosts)
    house.serve("--hosts", hosts)
    wait_for("the daemon", PATIENCE_S, house.api)
    play_two_teams(house)
    play_one_team(house)


if __name__ == "__main__":
    sys.exit(attend(play))
