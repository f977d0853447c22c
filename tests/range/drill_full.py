#!/usr/bin/python3
"""Full machines: Debian with a disk of its own, copied from one golden machine, each with its
own identity; memory and disk go back together, and are kept together as evidence. Arguments: program, folder of the sources."""

import hashlib
import json
import mmap
import os
import re
import subprocess
import sys
import tempfile
import time

from drill_console import break_kernel
from drill_house import PATIENCE_S, attend, wait_for
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


# Counts on, first on the disk past its cache, then in memory; so at every moment memory is
# what the disk is, or one ahead while the next is being written.
COUNTER = """dd if=/dev/zero of=/root/count bs=512 count=1 2>/dev/null
sync
cd /dev/shm
i=10000000
while :; do
    i=$((i+1))
    printf 'yw-count-%08d.' $i >next
    dd if=next of=/root/count bs=512 conv=notrunc,sync oflag=direct 2>/dev/null
    cp next now
done
"""


def counted(path):
    """The highest number in the file's bytes."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        found = {int(word) for word in re.findall(rb"yw-count-(1\d{7})\.", text)}
    assert found, path
    return max(found)


def check_evidence(house):
    """Memory and disk of one machine are of one moment, whole, and as the journal says."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(COUNTER)
        file.flush()
        house.call("put", house.id, "one", file.name, "/root/yw-counter")
    say(house, "one", "systemd-run --quiet --unit=yw-counter sh /root/yw-counter")
    wait_for("a count", PATIENCE_S, lambda: 
        say(house, "one", "cat /dev/shm/now || :")[9:17] > "10000003")
    started = time.monotonic()
    folder = house.call("evidence", house.id, "blue", "one", seconds=120).stdout.strip()
    print(f"evidence kept in {time.monotonic() - started:.2f} s")
    after = int(say(house, "one", "cat /dev/shm/now")[9:17])
    kept = next(event["payload"] for event in house.journal()
                if event["kind"] == "evidence-kept")
    told = json.loads(kept["hash"])
    print("evidence", kept["collector"], told)
    assert kept["ok"] and kept["collector"] and told["taken_us"] > 0, kept
    assert [file["file"] for file in told["files"]] == ["memory.elf", "disk.qcow2"], told
    assert sorted(os.listdir(folder)) == ["disk.qcow2", "memory.elf"], os.listdir(folder)
    for file in told["files"]:
        with open(f"{folder}/{file['file']}", "rb") as opened:
            digest = hashlib.blake2b(digest_size=32)
            while piece := opened.read(1 << 20):
                digest.update(piece)
        assert digest.hexdigest() == file["hash"], file
        assert os.path.getsize(f"{folder}/{file['file']}") == file["bytes"], file
    about = json.loads(subprocess.run(
        ["qemu-img", "info", "--output=json", f"{folder}/disk.qcow2"], text=True,
        capture_output=True, check=True).stdout)
    assert "backing-filename" not in about, about
    subprocess.run(["qemu-img", "check", "-q", f"{folder}/disk.qcow2"], check=True)
    memory, disk = (counted(f"{folder}/{name}") for name in ("memory.elf", "disk.qcow2"))
    print(f"evidence: count {disk} on the disk, {memory} in memory, {after} when it was kept")
    assert disk <= memory <= disk + 1 < after, (disk, memory, after)
    say(house, "one", "systemctl stop yw-counter")


def play(house):
    up = house.call("up", house.scenario, "--json", seconds=300)
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    keys = "test -s /etc/ssh/ssh_host_ed25519_key.pub"
    for machine in ("one", "two"):
        wait_for("keys of its own", PATIENCE_S, lambda name=machine: execute(
            house, name, "sh", "-c", keys).returncode == 0)
    one, two = identity(house, "one"), identity(house, "two")
    assert one[0] == "one" and two[0] == "two", (one, two)
    assert all(mine != other for mine, other in zip(one, two)), (one, two)
    say(house, "one", "ping -c 1 -W 5 10.20.4.11")
    assert execute(house, "one", "sh", "-c", "exit 7").returncode == 7

    wait_for("the point of the start", PATIENCE_S, lambda: house.call(
        "checkpoint", "list", house.id).stdout)
    say(house, "two", "echo spoilt >/etc/motd && sync")
    house.call("reset", house.id, "blue", "two")
    assert say(house, "two", "cat /etc/motd") != "spoilt", "the disk is back"
    assert identity(house, "two") == two, "and so is who it is"
    journal = house.call("journal", house.id, "--json").stdout
    assert journal.count('"machine-started"') == 2, "both were started once"
    assert journal.count('"how":"shared"') == 2, "and both are copies in shared memory"
    check_evidence(house)
    break_kernel(house, "two")
    house.call("down", house.id)
    left = [name for name in os.listdir(f"{house.data}/libvirt/points") if name != "golden"]
    assert not left, left


def check_office(house):
    with tempfile.TemporaryDirectory() as folder:
        house.scenario = f"{folder}/office"
        os.mkdir(house.scenario)
        with open(f"{house.scenario}/scenario.lua", "w", encoding="utf-8") as file:
            file.write(SCENARIO)
        disk = os.path.join(os.environ["YW_IMAGES"], "deb-base.qcow2")
        house.call("image", "add", disk, "--id", "debian", seconds=120)
        house.serve_ready()
        play(house)


if __name__ == "__main__":
    sys.exit(attend(check_office))
