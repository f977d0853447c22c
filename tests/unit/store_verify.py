"""An independent reader of an exported journal: its own parser, its own hash.

Prints "ok <count> <head>" or "bad <line> <reason>"; exit status 0 or 1.
"""
import hashlib
import json
import re
import sys

LINE = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})","prev":"([0-9a-f]{64})"\}\n', re.DOTALL)


def main(path):
    count = 0
    head = bytes(32)
    with open(path, "rb") as file:
        for line in file:
            match = LINE.fullmatch(line)
            if not match:
                return bad(count, "form")
            canonical = match[1] + b"}"
            try:
                event = json.loads(canonical.decode("utf-8"))
            except ValueError:
                return bad(count, "json")
            if bytes.fromhex(match[3].decode()) != head:
                return bad(count, "prev")
            digest = hashlib.blake2b(head + canonical, digest_size=32).digest()
            if digest != bytes.fromhex(match[2].decode()):
                return bad(count, "hash")
            if event["seq"] != count + 1 or list(event) != sorted(event):
                return bad(count, "order")
            head = digest
            count += 1
    print("ok", count, head.hex())
    return 0


def bad(count, reason):
    print("bad", count + 1, reason)
    return 1


sys.exit(main(sys.argv[1]))
