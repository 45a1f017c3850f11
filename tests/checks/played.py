"""All cases of all files, and the capture of one."""
import cases
import cases_attack                   # noqa: F401
import cases_auth                     # noqa: F401
import cases_chain                    # noqa: F401
import cases_files                    # noqa: F401
import cases_links                    # noqa: F401
import cases_message                  # noqa: F401
import cases_parts                    # noqa: F401
import cases_tls                      # noqa: F401
from pcapgen import Capture

CASES, HEALTHY = cases.CASES, cases.HEALTHY


def write(play, path):
    """The capture, and what the case wants of it; its keys, if it has any, lie beside it."""
    capture = Capture()
    wanted = play(capture)
    capture.write(path)
    if capture.keylog:
        with open(path + ".keys", "w", encoding="ascii") as f:
            f.write(capture.keylog)
    return capture, wanted
