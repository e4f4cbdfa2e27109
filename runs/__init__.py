"""How the economy is run: the command line, studies, and the files they write."""

#: What a Ctrl-C is answered with, and the exit code that shells have for it.
STOPPED, INTERRUPTED = "stopped before the end: nothing was written", 130
