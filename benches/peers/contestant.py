"""What every peer does on its standard streams.

It sets itself up and says "ready". Then, a line for each line it is sent:
"check" answers the numbers that every contestant must agree on, "run" does one
unit of work and answers the seconds it took.
"""

import os
import sys
import time

THREADS = int(os.environ["PEERS_THREADS"])


def serve(check, run):
    """Answers until the stream ends."""
    say("ready")
    for line in sys.stdin:
        match line.strip():
            case "check":
                say(" ".join(repr(float(number)) for number in check()))
            case "run":
                start = time.perf_counter()
                run()
                say(repr(time.perf_counter() - start))
            case other:
                sys.exit(f"{other!r} is neither check nor run")


def say(line):
    print(line, flush=True)
