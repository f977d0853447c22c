#!/usr/bin/python3
"""Machines that carry programs of the distribution: a firewall, and behind it a jump host and a
message broker, reached through it by the ssh and mosquitto clients of others.
Arguments: folder of the images."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from guest_machine import START, Machine, private_network, tap, text

SKIP = 77
HERE, WALL, WALL_IN = "10.20.2.1", "10.20.2.254", "10.20.4.254"
JUMP, BROKER = "10.20.4.20", "10.20.4.30"
MIB = 1024 * 1024
FIREWALL = """zone it
zone control
rule allow it control tcp 22
account ops summer24
"""
MQTT = """account plc plc-secret
account hmi hmi-secret
topic plc write fleet/#
topic hmi read fleet/#
"""
PATIENCE = 90


def check_sizes(images):
    """What each boots from beside the kernel."""
    with open(f"{images}/manifest.json") as file:
        manifest = json.load(file)["images"]
    for kind, image in manifest.items():
        size = os.path.getsize(f"{images}/{image['initrd']}")
        packed = image["initrd"] != "micro.cpio.gz"
        assert size < (8 * MIB if packed else MIB), (kind, size)
    assert {kind for kind, image in manifest.items() if image["initrd"] != "micro.cpio.gz"} == {
        "firewall", "jump", "broker"}, manifest


def until(what, wanted):
    """Asks until the answer is as wanted; the last one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = what()
        if wanted(answer):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def lines_until(channel, wanted):
    """Telemetry until one line is as wanted."""
    found = []

    def take():
        found.extend(json.loads(line) for line in channel.more_lines(0.2))
        channel.lines.clear()
        return found
    return until(take, lambda lines: any(wanted(line) for line in lines))


def order(folder, **fields):
    """One form of the rule page; its status."""
    data = urllib.parse.urlencode(fields).encode()
    try:
        urllib.request.urlopen(f"http://{WALL}/en", data=data, timeout=PATIENCE).read()
        return 200
    except urllib.error.HTTPError as why:
        return why.code


def rules():
    return urllib.request.urlopen(f"http://{WALL}/rules", timeout=30).read().decode().splitlines()


def ssh(folder, password, *words):
    """As somebody who knows a password: what the program there said, and the exit status."""
    ask = f"{folder}/ask"
    with open(ask, "w") as file:
        file.write(f"#!/bin/sh\necho '{password}'\n")
    os.chmod(ask, 0o700)
    run = subprocess.run(
        ["ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known",
         "-o", "NumberOfPasswordPrompts=1", "-o", "PubkeyAuthentication=no",
         "-o", "ConnectTimeout=20", "-o", "LogLevel=ERROR", f"ops@{JUMP}", *words],
        env={"PATH": os.environ["PATH"], "SSH_ASKPASS": ask, "SSH_ASKPASS_REQUIRE": "force"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    return run.returncode, run.stdout + run.stderr


def check_jump(channel, folder):
    code, said = ssh(folder, "wrong", "id")
    assert code == 255 and "Permission denied" in said, (code, said)
    code, said = ssh(folder, "summer24", "id; echo hello | tr a-z A-Z; cat /etc/shadow")
    assert "uid=1000(ops)" in said and "HELLO" in said and "Permission denied" in said, said
    found = lines_until(channel, lambda line: line.get("result") == "closed")
    logins = [(line["result"], line["user"], line["from"]) for line in found
              if line["kind"] == "login" and line["result"] != "closed"]
    assert logins == [("refused", "ops", HERE), ("accepted", "ops", HERE)], found


def mosquitto(program, user, password, *words):
    return [program, "-h", BROKER, "-u", user, "-P", password, "-t", "fleet/truck1", *words]


def publish(password="plc-secret", text="73"):
    return subprocess.run(mosquitto("mosquitto_pub", "plc", password, "-q", "1", "-m", text),
                          capture_output=True, text=True, timeout=PATIENCE)


def check_broker(channel):
    listener = subprocess.Popen(
        mosquitto("mosquitto_sub", "hmi", "hmi-secret", "-C", "1", "-W", str(PATIENCE)),
        stdout=subprocess.PIPE, text=True)
    try:
        lines_until(channel, lambda line: line.get("user") == "hmi" and line["state"] == "connected")
        until(lambda: (publish().returncode, listener.poll())[1], lambda code: code is not None)
        assert listener.stdout.read() == "73\n"
    finally:
        listener.kill()
        listener.wait()
    wrong = publish(password="guess")
    assert wrong.returncode != 0 and "not authorised" in wrong.stderr, wrong
    lines_until(channel, lambda line: line.get("state") == "refused")


def reaches(address, port, seconds):
    try:
        socket.create_connection((address, port), timeout=seconds).close()
        return True
    except OSError:
        return False


def passes(address, port):
    return until(lambda: reaches(address, port, 20), bool)


def is_dropped(address, port):
    """No answer in a while in which what is let through was just answered."""
    return not reaches(address, port, 0.5)


def check_firewall(wall, folder):
    """Nothing but the rule passes; who has the password opens more, and takes it back."""
    assert rules() == ["allow it control tcp 22"], rules()
    assert passes(JUMP, 22) and is_dropped(BROKER, 1883)
    assert order(folder, user="ops", password="guess", do="remove", at="1") == 403
    assert order(folder, user="ops", password="summer24", do="add", line="allow it mars tcp 1") == 400
    assert rules() == ["allow it control tcp 22"], rules()
    assert order(folder, user="ops", password="summer24", do="add", at="1",
                 line=f"allow it control tcp 1883 to {BROKER}") == 200
    assert passes(BROKER, 1883)
    page = urllib.request.urlopen(f"http://{WALL}/zh", timeout=30).read().decode()
    assert "防火墙规则" in page and f"1883 to {BROKER}" in page, page
    found = lines_until(wall, lambda line: line["kind"] == "firewall-rule")
    assert found == [
        {"kind": "firewall-refused", "from": HERE, "user": "ops", "why": "wrong user or password"},
        {"kind": "firewall-refused", "from": HERE, "user": "ops",
         "why": "line 1: the firewall is on no such network, got 'mars'"},
        {"kind": "firewall-rule", "from": HERE, "user": "ops", "action": "add", "at": 1, "old": "",
         "new": f"allow it control tcp 1883 to {BROKER}"}], found


def check_closing(wall, folder):
    """A rule that goes takes what runs through it with it."""
    assert order(folder, user="ops", password="summer24", do="replace", at="1",
                 line="deny any any") == 200
    assert is_dropped(BROKER, 1883) and is_dropped(JUMP, 22)
    lines_until(wall, lambda line: line.get("action") == "replace" and line["new"] == "deny any any")


def set_up(channel, name, nics, gateway, configuration):
    code, output = channel.configure(1, name, nics, gateway=gateway)
    assert code == 0, output
    request = channel.put(2, "role.conf", configuration.encode())
    code, output = channel.ask(START, request, text(name), seconds=PATIENCE)
    assert code == 0, output


def play(images, folder):
    began = time.monotonic()
    machines = {}
    nics = {"firewall": [("t0", "52:54:00:aa:00:00"), ("t1", "52:54:00:aa:00:01")],
            "jump": [("t2", "52:54:00:aa:00:02")], "broker": [("t3", "52:54:00:aa:00:03")]}
    addresses = {"firewall": [WALL, WALL_IN], "jump": [JUMP], "broker": [BROKER]}
    conf = {"firewall": FIREWALL, "jump": "account ops summer24\n", "broker": MQTT}
    subprocess.run("ip link add br1 type bridge".split(), check=True)
    subprocess.run("ip link set br1 up".split(), check=True)
    try:
        for name, cards in nics.items():
            for card, _ in cards:
                tap(card, "br0" if card == "t0" else "br1")
            machines[name] = Machine(images, folder, name, cards)
        subprocess.run(f"ip route add 10.20.4.0/24 via {WALL}".split(), check=True)
        channels = {name: machine.channel() for name, machine in machines.items()}
        for name, channel in channels.items():
            assert channel.hello(PATIENCE)[0] == name
        for name, channel in channels.items():
            set_up(channel, name,
                   [(mac, address) for (_, mac), address in zip(nics[name], addresses[name])],
                   "" if name == "firewall" else WALL_IN, conf[name])
        print(f"three machines serve after {time.monotonic() - began:.1f} s")
        check_firewall(channels["firewall"], folder)
        check_jump(channels["jump"], folder)
        check_broker(channels["broker"])
        check_closing(channels["firewall"], folder)
        print(f"all done after {time.monotonic() - began:.1f} s")
    except BaseException:
        for machine in machines.values():
            with open(machine.console, errors="replace") as console:
                print(f"--- {machine.console}\n{console.read()[-2000:]}")
        raise
    finally:
        for machine in machines.values():
            machine.stop()


def main():
    images = sys.argv[1]
    check_sizes(images)
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("skipped: needs root and /dev/net/tun")
        sys.exit(SKIP)
    for tool in ("ssh", "mosquitto_pub"):
        if not shutil.which(tool):
            print(f"skipped: there is no {tool}")
            sys.exit(SKIP)
    private_network()
    with tempfile.TemporaryDirectory(prefix="ywp") as folder:
        play(images, folder)


if __name__ == "__main__":
    main()
