#!/usr/bin/python3
"""HOST TAG: its value by OPC UA's binary protocol (OPC 10000-6), without security, as one JSON
object. A client of a few lines: that of the image itself takes a minute to begin where the
machine is emulated."""

import json
import os
import re
import socket
import struct
import sys

NULL = struct.pack("<i", -1)
NONE = "http://opcfoundation.org/UA/SecurityPolicy#None"
EPOCH = 11644473600  # seconds from 1601 to 1970
OPEN, CREATE, ACTIVATE, CLOSE, READ, ANONYMOUS = 446, 461, 467, 473, 631, 321
VALUE = 13  # the attribute


def text(value):
    data = value.encode()
    return struct.pack("<i", len(data)) + data


def node(number):
    return struct.pack("<BBH", 1, 0, number)


def node_size(data, at):
    """Of an encoded node id."""
    kind = data[at] & 15
    if kind in (3, 5):
        return 7 + struct.unpack_from("<i", data, at + 3)[0]
    return {0: 2, 1: 4, 2: 7, 4: 19}[kind]


class Client:
    def __init__(self, host):
        self.url = f"opc.tcp://{host}:4840"
        self.stream = socket.create_connection((host, 4840), timeout=60)
        self.number = self.channel = self.token = 0
        self.session = b"\0\0"
        self.send(b"HELF", struct.pack("<5I", 0, 65536, 65536, 0, 0) + text(self.url))
        assert self.receive()[0] == b"ACKF"
        body = struct.pack("<3I", 0, 0, 1) + NULL + struct.pack("<I", 600000)
        answer = self.ask(OPEN, body, b"OPNF", text(NONE) + NULL + NULL)
        self.channel, self.token = struct.unpack_from("<II", answer, 4)

    def send(self, kind, body):
        self.stream.sendall(kind + struct.pack("<I", 8 + len(body)) + body)

    def receive(self):
        head = self.take(8)
        return head[:4], self.take(struct.unpack_from("<I", head, 4)[0] - 8)

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.stream.recv(count - len(data))
            assert more, "it hung up"
            data += more
        return data

    def ask(self, service, body, kind=b"MSGF", security=None):
        """The answer behind its header."""
        self.number += 1
        if security is None:
            security = struct.pack("<I", self.token)
        self.send(kind, struct.pack("<I", self.channel) + security +
                  struct.pack("<II", self.number, self.number) + node(service) +
                  self.session + struct.pack("<qII", 0, self.number, 0) + NULL +
                  struct.pack("<I", 60000) + bytes(3) + body)
        got, data = self.receive()
        assert got == kind, (got, data)
        at = 4 + (4 if kind == b"MSGF" else len(text(NONE)) + 8) + 8
        at += node_size(data, at)
        status = struct.unpack_from("<I", data, at + 12)[0]
        assert status == 0, f"service {service}: {status:#x}"
        # the time, the handle, the status; no diagnostics, an empty table, nothing else
        return data[at + 12 + 4 + 1 + 4 + 3:]

    def open_session(self):
        who = text("urn:test") + text("urn:test") + b"\0" + struct.pack("<I", 1) + NULL * 3
        answer = self.ask(CREATE, who + NULL + text(self.url) + text("test") +
                          struct.pack("<i", 32) + os.urandom(32) + NULL +
                          struct.pack("<dI", 120000, 0))
        policy = re.search(rb"anonymous\w*", answer, re.I).group().decode()
        at = node_size(answer, 0)
        self.session = answer[at:at + node_size(answer, at)]
        user = text(policy)
        self.ask(ACTIVATE, NULL * 4 + node(ANONYMOUS) + b"\1" +
                 struct.pack("<i", len(user)) + user + NULL * 2)

    def read(self, tag):
        answer = self.ask(READ, struct.pack("<dIi", 0, 2, 1) + struct.pack("<BH", 3, 1) +
                          text(tag) + struct.pack("<I", VALUE) + NULL + b"\0\0" + NULL)
        assert struct.unpack_from("<i", answer)[0] == 1, answer
        mask, at, told = answer[4], 5, {"value": None, "status": 0, "at": 0}
        if mask & 1:
            assert answer[at] == 11, "a double"
            told["value"], at = struct.unpack_from("<d", answer, at + 1)[0], at + 9
        if mask & 2:
            told["status"], at = struct.unpack_from("<I", answer, at)[0], at + 4
        if mask & 4:
            told["at"] = struct.unpack_from("<q", answer, at)[0] / 1e7 - EPOCH
        return told

    def close_session(self):
        """A server keeps few."""
        self.ask(CLOSE, b"\1")


if __name__ == "__main__":
    client = Client(sys.argv[1])
    client.open_session()
    print(json.dumps(client.read(sys.argv[2])))
    client.close_session()
