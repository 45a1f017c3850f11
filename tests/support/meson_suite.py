"""Runs one suite of `meson test` and counts test cases: the cases inside cmocka programs, one for any other program."""
import json
import os
import re
import subprocess
import sys

CASES = re.compile(r"\[\s+(PASSED|FAILED)\s+\]\s+(\d+) test")


def count(test):
    text = test.get("stdout", "") + "\n" + test.get("stderr", "")
    passed = sum(int(n) for word, n in CASES.findall(text) if word == "PASSED")
    failed = sum(int(n) for word, n in CASES.findall(text) if word == "FAILED")
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        return max(passed, 1), failed
    if test["result"] == "SKIP":
        return 0, 0
    return passed, max(failed, 1)


def main():
    folder, suite = sys.argv[1:3]
    log = os.path.join(folder, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    run = subprocess.run(["meson", "test", "-C", folder, "--no-rebuild", "--suite", suite, "--timeout-multiplier", "3"],
                         stdin=subprocess.DEVNULL)
    passed = failed = 0
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as f:
            for test in map(json.loads, filter(str.strip, f)):
                p, n = count(test)
                passed, failed = passed + p, failed + n
                if n:
                    print("FAIL %s (%s)\n%s\n%s" % (test["name"], test["result"], test.get("stdout", "")[-6000:],
                                                   test.get("stderr", "")[-6000:]))
    if run.returncode and not failed:
        failed = 1
    print("%s: %d passed, %d failed" % (suite, passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
