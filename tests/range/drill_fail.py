#!/usr/bin/python3
"""What cannot work says so in one sentence and leaves nothing: no root, no virtual network
cards, machines that do not start. Arguments: program, folder of the sources."""

import os
import shutil
import subprocess
import sys
import tempfile

from drill_house import PATIENCE_S, attend


def refused(house, wrap, word):
    """`serve` and `run` end at once with status 2 and one sentence that holds this word."""
    for verb in (["serve", "--port", "0"], ["run", house.scenario, "--auto"]):
        run = subprocess.run([*wrap, house.program, *verb, f"--data={house.data}"], text=True,
                             capture_output=True, timeout=PATIENCE_S, check=False,
                             env=house.environment())
        lines = [line for line in run.stderr.splitlines() if line.startswith("yanwu: ")]
        print(f"{verb[0]}: {run.returncode} {lines}")
        assert run.returncode == 2 and len(lines) == 1 and word in lines[0], run.stderr
        assert "\n" not in run.stderr.strip(), run.stderr


def check_no_root(house):
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    os.chmod(house.data, 0o777)
    if subprocess.run([*nobody, "test", "-x", house.program, "-a", "-r",
                       f"{house.scenario}/scenario.lua"], check=False).returncode != 0:
        print("closed to other users: not checked without root")
        return
    refused(house, nobody, "root")


def check_no_tun(house):
    refused(house, ["unshare", "--mount", "sh", "-c",
                    'mount -t tmpfs none /dev/net && exec "$@"', "sh"], "/dev/net/tun")


def check_bad_kernel(house, images):
    """QEMU takes no empty kernel: the range is rolled back, and the message names a machine."""
    broken = tempfile.mkdtemp(prefix="yanwu-images-")
    try:
        for name in ("manifest.json", "micro.cpio.gz"):
            shutil.copy(f"{images}/{name}", broken)
        with open(f"{broken}/vmlinux", "wb"):
            pass
        run = house.run(YW_IMAGES=broken)
        house.learn()
        assert run.wait(120) == 1, run.text()
        message = run.lines[-1][1]
        print(f"after {run.lines[-1][0]:.1f} s: {message}")
        assert message.startswith("yanwu: "), run.text()
        assert "up 'blue-" in message and "machine '" in message, run.text()
        assert "kernel" in message, run.text()
        assert house.left_over() == [], house.left_over()
    finally:
        shutil.rmtree(broken)


def check_kernel(house):
    check_bad_kernel(house, os.environ["YW_IMAGES"])


if __name__ == "__main__":
    sys.exit(attend(check_no_root, check_no_tun, check_kernel))
