#!/usr/bin/python3
"""Independent Modbus clients, and raw bytes, against the server of the controllers.
Arguments: the controller program, the Node clients, the client by libmodbus ("" none)."""

import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading

from pymodbus.client import ModbusTcpClient

HOST = "127.0.0.1"
PROGRAM = "scenarios/water-dosing/files/dosing.st"


class Controller:
    def __init__(self, path, role, program):
        self.process = subprocess.Popen([path, role, program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = []
        assert self.process.stdout.readline() == "ready\n"
        self.reader = threading.Thread(target=self.collect, daemon=True)
        self.reader.start()

    def collect(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0
        self.reader.join(10)
        return "".join(self.lines)


def mbpoll(*words):
    run = subprocess.run(["mbpoll", "-m", "tcp", "-0", "-1", "-a", "1", "-o", "3", *words],
                         capture_output=True, text=True, timeout=90, check=False)
    found = re.search(r"^\[\d+\]:\s+(\d+)", run.stdout, re.M)
    return int(found.group(1)) if found else run.stdout + run.stderr


def check_mbpoll():
    assert mbpoll("-t", "4", "-r", "40", HOST) == 100
    assert "Written 1 references" in mbpoll("-t", "4", "-r", "220", HOST, "321")
    assert mbpoll("-t", "4", "-r", "220", HOST) == 321
    assert "Illegal data address" in mbpoll("-t", "4", "-r", "300", HOST)


def check_pymodbus():
    client = ModbusTcpClient(HOST, port=502, timeout=90)
    assert client.connect()
    assert client.read_holding_registers(40, 2, slave=1).registers == [100, 1500]
    assert not client.write_registers(230, [1, 2, 3], slave=1).isError()
    assert client.read_holding_registers(230, 3, slave=0).registers == [1, 2, 3]
    assert not client.write_coils(120, [True] * 9, slave=255).isError()
    assert client.read_coils(120, 9, slave=1).bits[:9] == [True] * 9
    both = client.readwrite_registers(read_address=230, read_count=2, write_address=230,
                                      write_registers=[9, 8], slave=1)
    assert both.registers == [9, 8]
    assert not client.mask_write_register(230, 0xfffe, 0, slave=1).isError()
    assert client.read_holding_registers(300, 1, slave=1).exception_code == 2
    assert client.write_register(93, 1, slave=1).exception_code == 2
    client.close()


def check_nmap():
    if shutil.which("nmap") is None:
        print("no nmap: not discovered")
        return
    run = subprocess.run(["nmap", "-Pn", "-n", "-p", "502", "--script", "modbus-discover",
                          HOST], capture_output=True, text=True, timeout=120, check=True)
    assert "sid 0x1" in run.stdout, run.stdout
    assert "ERROR" not in run.stdout, run.stdout


def check_libmodbus(client):
    """Asks for what the library's own unit-test-client does."""
    if not client:
        print("no libmodbus: its client did not ask")
        return
    run = subprocess.run([client, HOST, "502"], capture_output=True, text=True, timeout=90, check=False)
    assert run.stdout == "agreed\n", run.stdout + run.stderr


def ask(transaction, pdu, unit=1, protocol=0):
    return struct.pack(">HHHB", transaction, protocol, len(pdu) + 1, unit) + pdu


def take(wire, count):
    """That many answers: their transactions and PDUs."""
    data = b""
    answers = []
    while len(answers) < count:
        while len(data) >= 6 and len(data) >= 6 + struct.unpack(">H", data[4:6])[0]:
            size = 6 + struct.unpack(">H", data[4:6])[0]
            answers.append((struct.unpack(">H", data[:2])[0], data[7:size]))
            data = data[size:]
        if len(answers) < count:
            piece = wire.recv(65536)
            assert piece, f"closed after {len(answers)} of {count} answers"
            data += piece
    assert not data
    return answers


def check_pipelines():
    """A segment with many requests, whose answers are many times larger; then bytes one by
    one; then somebody who takes nothing for a while."""
    read = struct.pack(">BHH", 3, 0, 125)
    with socket.create_connection((HOST, 502), timeout=90) as wire:
        wire.sendall(b"".join(ask(i, read) for i in range(500)))
        answers = take(wire, 500)
        assert [number for number, _ in answers] == list(range(500))
        assert all(len(pdu) == 252 for _, pdu in answers)
        for byte in ask(7, read):
            wire.sendall(bytes([byte]))
        assert take(wire, 1)[0][0] == 7
        wire.sendall(ask(8, read, protocol=5) + ask(9, read))  # a foreign one is dropped
        assert take(wire, 1)[0][0] == 9
        half = ask(10, read)
        wire.sendall(half[:9])
        with socket.create_connection((HOST, 502), timeout=90) as other:
            other.sendall(ask(1, read))
            assert take(other, 1)[0][0] == 1
        wire.sendall(half[9:])
        assert take(wire, 1)[0][0] == 10


def check_hostile():
    rolls = random.Random(7)
    for _ in range(200):
        with socket.create_connection((HOST, 502), timeout=90) as wire:
            wire.sendall(rolls.randbytes(rolls.randrange(1, 400)))
    crowd = [socket.create_connection((HOST, 502), timeout=90) for _ in range(80)]
    check_mbpoll()
    for wire in crowd:
        wire.close()
    with socket.create_connection((HOST, 502), timeout=90) as wire:
        for pdu in (b"\x03\x00\x00\xff\xff", b"\x0f\x00\x00\xff\xff\xff", b"\x10\x00\x00\x00\x02\x02\x00",
                    b"\x03\x00", b"\x2b\x0e", b"\x17\x00\x00\x00\x7e\x00\x00\x00\x01\x02\x00\x00"):
            wire.sendall(ask(1, pdu))
            answer = take(wire, 1)[0][1]
            assert answer[0] == pdu[0] | 0x80 and answer[1] in (1, 2, 3), (pdu, answer)


def main():
    controller, node_clients, libmodbus = sys.argv[1:4]
    os.chdir(os.environ["YW_SOURCE"])
    plc = Controller(controller, "plc", PROGRAM)
    check_mbpoll()
    check_pymodbus()
    run = subprocess.run(["node", node_clients], capture_output=True, text=True, timeout=90,
                         check=False)
    assert run.stdout == "agreed\n", run.stdout + run.stderr
    check_libmodbus(libmodbus)
    check_nmap()
    check_pipelines()
    check_hostile()
    with socket.create_connection((HOST, 20547), timeout=90) as wire:
        wire.sendall(b"UPLOAD\nQUIT\n")
        text = b""
        while piece := wire.recv(65536):
            text += piece
        assert text.rstrip().endswith(b"221 bye") and b"END_PROGRAM" in text
    lines = plc.end()
    assert ('{"kind":"modbus-write","from":"127.0.0.1","fc":6,"table":"holding",'
            '"address":220,"old":0,"new":321}\n') in lines
    io = Controller(controller, "remote-io", "")
    assert mbpoll("-t", "4", "-r", "90", HOST) == 1
    assert "Written" in mbpoll("-t", "4", "-r", "2", HOST, "1")
    assert mbpoll("-t", "4", "-r", "2", HOST) == 1
    with socket.socket() as wire:
        assert wire.connect_ex((HOST, 20547)) != 0  # nothing to program
    io.end()
    print("all agree")


main()
