#!/usr/bin/python3
"""Points in time on real machines: a register goes back with its checkpoint, a stop holds
everything still until it is undone, a program and a file go in and out. Arguments: program,
folder of the sources."""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time

from drill_house import PATIENCE_S, attend, wait_for


def execute(house, machine, *words):
    """After `--` every word is the program's, so the data directory is named before it."""
    return subprocess.run([house.program, "exec", house.id, machine, f"--data={house.data}",
                           "--", *words], text=True, capture_output=True, timeout=PATIENCE_S,
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


def children_of(program):
    """Processes of this name, with their user and their capabilities."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as status:
                facts = dict(line.rstrip("\n").split(":\t", 1) for line in status
                             if ":\t" in line)
        except OSError:
            continue
        if facts["Name"] == program:
            found[int(pid)] = facts
    return found


def packets_of(path):
    run = subprocess.run(["tshark", "-r", path, "-Y", "modbus.func_code == 3"],
                         capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return [line for line in run.stdout.splitlines() if "Modbus" in line]


def capture_of(house):
    """A read on the wire is in the file that control fetches; whoever wrote it has no
    rights and its ceilings, and another takes its place after the broker's end and its own."""
    before = set(children_of("dumpcap"))
    assert house.call("capture", "start", house.id, "control").stdout.strip() == "1"
    twice = house.call("capture", "start", house.id, "control", check=False)
    assert twice.returncode != 0 and "already" in twice.stderr, twice
    ours = {pid: facts for pid, facts in children_of("dumpcap").items()
            if pid not in before}
    assert len(ours) == 1, ours
    pid, facts = next(iter(ours.items()))
    assert facts["Uid"].split()[0] != "0" and int(facts["CapPrm"], 16) == 0 and \
        facts["NoNewPrivs"] == "1", facts
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        groups = file.read()
    assert not house.groups() or f"/{house.id}/captures/" in groups, groups
    register_of(house)
    wait_for("packets in the file", PATIENCE_S, lambda: any(
        file["bytes"] > 24 for file in house.ask(f"/drills/{house.id}/captures")["files"]))
    for broker in house.of_core("broker"):
        with contextlib.suppress(ProcessLookupError):  # the inner goes with the outer
            os.kill(broker, signal.SIGKILL)
    wait_for("another capture", PATIENCE_S, lambda: set(children_of("dumpcap")) - before - {pid})
    wait_for("the capture's word", PATIENCE_S, lambda: any(
        capture["capture"] == 2 and capture["on"] for capture in
        house.ask(f"/drills/{house.id}/captures")["captures"]))
    assert pid not in children_of("dumpcap"), "it ended with the broker"
    register_of(house)
    time.sleep(6)  # one that ends sooner is not begun again
    (second,) = set(children_of("dumpcap")) - before
    os.kill(second, signal.SIGKILL)
    wait_for("a third capture", PATIENCE_S, lambda: any(
        capture["capture"] == 3 and capture["on"] for capture in
        house.ask(f"/drills/{house.id}/captures")["captures"]))
    broke_off = [event for event in house.journal() if event["kind"] == "capture-changed"
                 and not event["payload"]["ok"]]
    assert len(broke_off) == 1 and "signal 9" in broke_off[0]["payload"]["detail"], broke_off
    register_of(house)
    house.call("capture", "stop", house.id, "control")
    assert set(children_of("dumpcap")) <= before
    files = house.ask(f"/drills/{house.id}/captures")["files"]
    assert {file["capture"] for file in files} == {1, 2, 3}, files
    for file in files:
        out = os.path.join(house.data, "fetched.pcap")
        house.call("capture", "get", house.id, file["file"], f"--out={out}")
        assert os.path.getsize(out) == file["bytes"], file
        assert packets_of(out), f"no Modbus read in {file}"
        os.unlink(out)
        assert 0 <= file["from_drill_ms"] <= file["to_drill_ms"], file
        assert file["from_wall_us"] <= file["to_wall_us"], file
    # and one more, for the drill's end to end
    house.call("capture", "start", house.id, "control", "--size=1", "--files=2")


def proofs_of(house):
    """How processes were confined that no start of this drill tells of."""
    found = [event["payload"] for event in house.journal()
             if event["kind"] == "confinement-proved"]
    for payload in found:
        assert payload["confined"] and payload["seccomp"] == 2 and payload["uid"] > 0 and \
            payload["cap_eff"] == "0" and payload["no_new_privs"], payload
    return found


def check_moment(house, label):
    """The checkpoint's moment is in the journal, and a restore goes back to that one, while
    drill time only goes on."""
    events = house.journal()
    ordered = next(event for event in events if event["kind"] == "checkpoint-ordered"
                   and event["payload"]["label"] == label)
    restored = next(event for event in events if event["kind"] == "checkpoint-restored")
    kept = next(one for one in house.state()["checkpoints"].values() if one["label"] == label)
    print("checkpoint", kept, "restored", restored["payload"])
    assert restored["payload"]["ok"] and restored["payload"]["back_ms"] == ordered["drill_ms"]
    assert kept["kept"] and kept["drill_ms"] == ordered["drill_ms"], kept
    times = [event["drill_ms"] for event in events]
    assert times == sorted(times), "drill time never goes back"


def half_written(house, done):
    """Evidence that is ordered and held in the middle of its writing, its broker standing:
    the command that asked for it, and the folder. `done`: folders of earlier ones."""
    command = subprocess.Popen([house.program, "evidence", house.id, "blue-quick", "plc1",
                                f"--data={house.data}"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=house.environment())
    house.started.append(command)
    parent = f"{house.data}/drills/{house.id}/evidence"

    def begun():
        new = set(os.listdir(parent)) - done
        return {folder for folder in new if os.path.exists(f"{parent}/{folder}/memory.elf")}
    folder = f"{parent}/{wait_for('a file of evidence', 60, begun, 0.001).pop()}"
    for broker in house.of_core("broker"):
        os.kill(broker, signal.SIGSTOP)
    return command, folder


def check_broken_evidence(house):
    """The broker dies while it writes: what the journal calls kept is whole, else nothing is
    there and the command says why; the machine, which stood meanwhile, runs."""
    parent = f"{house.data}/drills/{house.id}/evidence"
    for _ in range(10):
        done = set(os.listdir(parent))
        command, folder = half_written(house, done)
        ended = [event["payload"] for event in house.journal()
                 if event["kind"] == "evidence-kept"]
        for broker in house.of_core("broker"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(broker, signal.SIGKILL)
        output, errors = command.communicate(timeout=120)
        if len(ended) == len(done):
            break  # it was not done when its broker stood
    else:
        raise AssertionError("each was done before its broker could be stopped")
    kept = [event["payload"] for event in house.journal()
            if event["kind"] == "evidence-kept"][-1]
    print("evidence, its broker killed:", kept, command.returncode, output, errors)
    if kept["ok"]:
        assert command.returncode == 0 and output.strip() == folder, (output, errors)
        for told in json.loads(kept["hash"])["files"]:
            with open(f"{folder}/{told['file']}", "rb") as file:
                text = file.read()
            assert len(text) == told["bytes"], told
            assert hashlib.blake2b(text, digest_size=32).hexdigest() == told["hash"], told
    else:
        assert command.returncode != 0 and kept["detail"] and kept["detail"] in errors, errors
        assert not os.path.exists(folder), os.listdir(folder)
    wait_for("the broker's machines", PATIENCE_S, lambda: house.of_core("broker"))
    register_of(house, 300)


def play(house):
    up = house.call("up", house.scenario, "--teams=blue-quick", "--json")
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    wait_for("the point of the start", PATIENCE_S, lambda: house.call(
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
    check_moment(house, "before")

    started = time.monotonic()
    house.call("reset", house.id, "blue-quick", "plc1")
    print(f"reset in {time.monotonic() - started:.2f} s")
    started = time.monotonic()
    house.call("reset", house.id, "blue-quick")
    print(f"the whole team in {time.monotonic() - started:.2f} s")

    taps = {nic["tap"] for machine in house.plan["machines"] for nic in machine["nics"]}
    assert len(taps) >= 3 and up_of(taps) == taps, (taps, up_of(taps))
    capture_of(house)

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

    found = proofs_of(house)
    assert {payload["machine"] for payload in found if payload["of"] == "found"} == {
        machine["machine"] for machine in house.plan["machines"]}, found
    assert any(payload["of"] == "golden" for payload in found), found
    ceilings = house.team_ceilings("blue-quick")
    print("the team's memory:", ceilings)
    if any("/memory/" in group for group in house.groups()):
        ram = sum(machine["ram_mib"] for machine in house.plan["machines"])
        assert ceilings == [(ram * 150 // 100 + 256) << 20], (ram, ceilings)

    kept = house.call("evidence", house.id, "blue-quick", "plc1").stdout.strip()
    assert os.listdir(kept), kept
    check_broken_evidence(house)
    house.call("down", house.id)
    os.kill(house.core(), signal.SIGTERM)
    wait_for("the daemon's end", PATIENCE_S, lambda: not house.ours())
    assert house.left_over() == [], house.left_over()


def check_points(house):
    forgotten = house.forget_group()
    house.serve_ready()
    if forgotten:
        wait_for("the sweep of old groups", PATIENCE_S, lambda: not os.path.exists(forgotten))
        os.rmdir(os.path.dirname(forgotten))
    play(house)


if __name__ == "__main__":
    sys.exit(attend(check_points, bare=True))
