#!/usr/bin/python3
"""A drill for people who may be hostile: refused on a weak host with one message that names
each weakness and its cure, and goes on when somebody overrides with a reason. And what the
kernel says of each machine then, read here once more: its own user, no capabilities, a
filter, ceilings; the journal must say the same. Arguments: program, folder of the sources."""

import os
import shutil
import sys
import tempfile

from drill_house import SKIP, attend

REASON = "a training room without a network, 6 weeks"
OOM_SCORE = "400"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def status_of(pid):
    lines = (line.split(":", 1) for line in read(f"/proc/{pid}/status").splitlines())
    return {name: value.split() for name, value in lines}


def groups_of(pid):
    return {line.split(":")[1]: line.split(":", 2)[2]
            for line in read(f"/proc/{pid}/cgroup").splitlines()}


def started(events):
    return {(event["team"], event["payload"]["machine"]): event["payload"]
            for event in events if event["kind"] == "machine-started"}


def check_machines(house, events):
    """An independent reading of /proc against the journal, machine by machine."""
    proofs, uids = started(events), set()
    qemus = house.qemus()
    assert len(qemus) == len(house.plan["machines"]) == len(proofs), (qemus, proofs)
    for machine in house.plan["machines"]:
        pid = qemus[machine["domain"]]
        status, proof = status_of(pid), proofs[(0, machine["machine"])]
        assert len(set(status["Uid"] + status["Gid"] + status["Groups"])) == 1, status
        assert status["Uid"][0] != "0" and proof["uid"] == int(status["Uid"][0]), proof
        assert status["Seccomp"] == ["2"] and proof["seccomp"] == 2
        assert status["NoNewPrivs"] == ["1"] and proof["no_new_privs"] is True
        assert int(status["CapEff"][0], 16) == 0 and proof["cap_eff"] == "0"
        assert os.readlink(f"/proc/{pid}/ns/mnt") != os.readlink("/proc/self/ns/mnt")
        assert proof["mount_ns"] is True and proof["confined"] is True, proof
        assert read(f"/proc/{pid}/oom_score_adj").strip() == OOM_SCORE
        uids.add(status["Uid"][0])
    assert len(uids) == len(qemus), uids


def check_ceilings(house, checked):
    """What the host can limit, it does: each machine is in a group of its own."""
    seen = {}
    for machine in house.plan["machines"]:
        pid = house.qemus()[machine["domain"]]
        for names, group in groups_of(pid).items():
            if "/yanwu-" not in group:
                continue
            assert group.endswith(f"/{house.id}/blue-quick/{machine['uuid']}"), group
            assert seen.setdefault((names, group), pid) == pid, group
    able = checked["controls"].split()
    print("ceilings of this host:", able)
    if "memory" in able:
        assert any("memory" in names or names == "" for names, _ in seen), seen


def check(house):
    source = sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="yanwu-hostile-") as folder:
        house.scenario = f"{folder}/dosing-line"
        shutil.copytree(f"{source}/tests/drills/dosing-line", house.scenario)
        text = read(f"{house.scenario}/scenario.lua").replace(
            'mode = "drill"', 'mode = "drill", hostile = true')
        assert "hostile" in text
        with open(f"{house.scenario}/scenario.lua", "w", encoding="utf-8") as file:
            file.write(text)
        return play(house)


def play(house):
    house.serve_ready()
    words = ["up", house.scenario, "--teams", "blue-quick"]
    refused = house.call(*words, check=False)
    weak = "this host is weak" in refused.stderr
    if not weak and refused.returncode == 0:
        print("skipped: this host is not weak")
        house.learn()
        house.call("down", house.id)
        return SKIP
    assert refused.returncode == 2, (refused.returncode, refused.stderr)
    for words_of in ("TCG emulates the machines", "use a host that can run KVM",
                     "--override"):
        assert words_of in refused.stderr, refused.stderr
    archived = house.ask("/status")["drills"]
    assert [drill["phase"] for drill in archived] == ["archived"], archived
    house.call(*words, "--override", REASON)
    house.learn()
    events = house.journal()
    kinds = [event["kind"] for event in events]
    assert kinds.index("host-checked") < kinds.index("overridden") \
        < kinds.index("range-ordered"), kinds
    override = events[kinds.index("overridden")]
    assert override["payload"] == {"what": "hostile-on-weak-host", "reason": REASON}
    assert override["actor"].startswith("control"), override
    checked = events[kinds.index("host-checked")]["payload"]
    assert checked["hostile"] is True and "emulation" in checked["weak"], checked
    assert house.state()["host"]["override"] == REASON
    check_machines(house, events)
    check_ceilings(house, checked)
    house.call("down", house.id)
    report = house.call("report", house.id, "--lang", "en", "--format", "md").stdout
    assert REASON in report, report
    assert not house.groups(), house.groups()
    print("refused, overridden, proved:", len(house.plan["machines"]), "machines")
    return None


if __name__ == "__main__":
    sys.exit(attend(check))
