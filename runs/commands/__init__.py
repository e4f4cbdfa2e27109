"""The commands of `perpetuum`, one a file; `runs.commands.cli` registers them, `options` holds what several of them need.

A command's module imports nothing heavy before its function is called, so that `perpetuum --help` is quick.
"""
