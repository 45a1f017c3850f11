"""Counts test cases. The last line of a suite is "NAME: N passed, N failed": scripts/test adds them up."""
import sys
import traceback


class Report:
    def __init__(self, suite):
        self.suite, self.passed, self.failed = suite, 0, 0

    def fail(self, name, why):
        self.failed += 1
        print("FAIL %s: %s\n     %s" % (self.suite, name, str(why).strip().replace("\n", "\n     ")), flush=True)

    def ok(self):
        self.passed += 1

    def case(self, name, function, *args):
        try:
            function(*args)
        except AssertionError as e:
            self.fail(name, e)
        except Exception as e:  # the test itself is broken: a failure too
            self.fail(name, "%s\n%s" % (e, traceback.format_exc()))
        else:
            self.ok()

    def end(self):
        print("%s: %d passed, %d failed" % (self.suite, self.passed, self.failed), flush=True)
        sys.stdout.flush()
        return 1 if self.failed else 0
