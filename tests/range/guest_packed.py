#!/usr/bin/python3
"""Machines that carry programs of the distribution: a firewall, and behind it a jump host and a
message broker, reached through it by the ssh and mosquitto clients of others; and the T-Box of a
car that talks over that broker.
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

from guest_machine import PATIENCE, RUN, START, Machine, private_network, tap, text

SKIP = 77
HERE, WALL, WALL_IN = "10.20.2.1", "10.20.2.254", "10.20.4.254"
JUMP, BROKER, TBOX = "10.20.4.20", "10.20.4.30", "10.20.4.40"
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
account tbox tbox-secret
topic tbox write fleet/+/telemetry
topic tbox read fleet/+/command
account dev dev123
topic dev readwrite fleet/#
"""
KEY, COMMAND = b"fleet-key", "fleet/LYWFLEET026000001/command"
FLEET = f"""broker {BROKER}
account tbox tbox-secret
key {KEY.decode()}
pace 800
sensor speed_01 0 60
sensor soc_01 0 1
output immobilise_01 0 1 0
output unlock_01 0 1 0
output limit_01 0 60 60
"""



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
    return urllib.request.urlopen(f"http://{WALL}/rules", timeout=PATIENCE).read().decode().splitlines()


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


def siphash(key, text):
    """SipHash-2-4 by its paper, a second time: what platform and T-Box agree on."""
    most = 2**64 - 1

    def turn(x, by):
        return (x << by | x >> 64 - by) & most

    def mix():
        v[0] = v[0] + v[1] & most
        v[1] = turn(v[1], 13) ^ v[0]
        v[0] = turn(v[0], 32)
        v[2] = v[2] + v[3] & most
        v[3] = turn(v[3], 16) ^ v[2]
        v[0] = v[0] + v[3] & most
        v[3] = turn(v[3], 21) ^ v[0]
        v[2] = v[2] + v[1] & most
        v[1] = turn(v[1], 17) ^ v[2]
        v[2] = turn(v[2], 32)
    key = key.ljust(16, b"\0")
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:16], "little")
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    text += b"\0" * (7 - len(text) % 8) + bytes([len(text) & 255])
    for at in range(0, len(text), 8):
        word = int.from_bytes(text[at:at + 8], "little")
        v[3] ^= word
        mix()
        mix()
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(4):
        mix()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def signed(name, value, number):
    sign = siphash(KEY, f"LYWFLEET026000001 {name} {value} {number}".encode())
    return json.dumps({"command": name, "value": value, "id": number, "sign": f"{sign:016x}"})


def say(text, topic=COMMAND):
    """As the developers' account, by mosquitto's own client."""
    run = subprocess.run(["mosquitto_pub", "-h", BROKER, "-u", "dev", "-P", "dev123", "-t", topic,
                          "-q", "1", "-m", text], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run


def obeyed(channel, **wanted):
    """The T-Box's line about a command, with these members."""
    lines_until(channel, lambda line: line["kind"] == "vehicle-command" and
                all(line[name] == value for name, value in wanted.items()))


def check_telemetry(field):
    field.send([13.9, 0.5])
    listener = subprocess.run(
        ["mosquitto_sub", "-h", BROKER, "-u", "dev", "-P", "dev123", "-t", "fleet/+/telemetry",
         "-C", "3", "-W", str(PATIENCE), "-F", "%t %p"], capture_output=True, text=True, timeout=PATIENCE + 5)
    topic, told = listener.stdout.splitlines()[-1].split(" ", 1)
    assert topic == "fleet/LYWFLEET026000001/telemetry", listener
    told = json.loads(told)
    assert (told["speed"], told["soc"], told["locked"], told["release"]) == (13.9, 0.5, 1, "2.4.0"), told


def check_fleet(tbox, field, jump):
    """Telemetry out, commands in; the guarded release takes no command twice, the old one does."""
    check_telemetry(field)
    say(signed("lock", "0", 1))
    obeyed(tbox, id=1, done=False, why="moving")
    field.send([0.0, 0.5])
    unlock = signed("lock", "0", 2)
    until(lambda: field.record()[1][:1], lambda views: views == [0.0])
    say(unlock)
    obeyed(tbox, id=2, done=True)
    field.record_where(lambda o, v: o[1] == 1, PATIENCE)
    say(unlock)
    obeyed(tbox, id=2, done=False, why="replayed")
    say(unlock.replace('"id": 2', '"id": 3'))
    obeyed(tbox, id=3, done=False, why="sign")
    say(signed("lock", "1", 4))
    field.record_where(lambda o, v: o[1] == 0, PATIENCE)
    check_attack(tbox, field, jump, unlock)


def check_attack(tbox, field, jump, unlock):
    """Somebody with the developers' account, by the attacker's own commands."""
    code, said = jump.run(50, "mqtt", "publish", BROKER, "dev", "guess", COMMAND, "{}")
    assert code == 1 and "not authorised" in said, said
    code, said = jump.run(51, "mqtt", "publish", BROKER, "dev", "dev123", COMMAND,
                          '{"command":"ota","value":"2.3.1"}')
    assert (code, said) == (0, '{"published":true}'), said
    field.record_where(lambda o, v: o[0] == 1, PATIENCE)  # it stands while it takes the release
    lines_until(tbox, lambda line: line["kind"] == "vehicle-release" and line["release"] == "2.3.1")
    argv = ["mqtt", "replay", BROKER, "dev", "dev123", "fleet/+/command", "4000", '"lock"']
    body = len(argv).to_bytes(4, "little") + b"".join(text(word) for word in argv)
    jump.send(RUN, 52, body + (60000).to_bytes(4, "little"))
    spoken = 0
    deadline = time.monotonic() + PATIENCE
    while True:  # whenever it begins to listen, something is there to be heard
        say(unlock)
        spoken += 1
        try:
            code, said = jump.done(52, 1)
            break
        except TimeoutError:
            assert time.monotonic() < deadline, "the replay does not end"
    assert code == 0 and json.loads(said)["replayed"] >= 1, said
    obeyed_again = []

    def count():
        obeyed_again.extend(json.loads(line) for line in tbox.more_lines(0.2))
        tbox.lines.clear()
        return sum(line.get("id") == 2 and line["done"] for line in obeyed_again
                   if line["kind"] == "vehicle-command")
    until(count, lambda times: times > spoken)
    field.record_where(lambda o, v: o[1] == 1, PATIENCE)


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
    page = urllib.request.urlopen(f"http://{WALL}/zh", timeout=PATIENCE).read().decode()
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
            "jump": [("t2", "52:54:00:aa:00:02")], "broker": [("t3", "52:54:00:aa:00:03")],
            "tbox": [("t4", "52:54:00:aa:00:04")]}
    addresses = {"firewall": [WALL, WALL_IN], "jump": [JUMP], "broker": [BROKER], "tbox": [TBOX]}
    conf = {"firewall": FIREWALL, "jump": "account ops summer24\n", "broker": MQTT, "tbox": FLEET}
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
        print(f"four machines serve after {time.monotonic() - began:.1f} s")
        check_firewall(channels["firewall"], folder)
        check_jump(channels["jump"], folder)
        check_broker(channels["broker"])
        check_fleet(channels["tbox"], machines["tbox"].field(), channels["jump"])
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
