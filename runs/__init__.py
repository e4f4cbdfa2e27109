"""How the economy is run: the command line, studies, and the files they write."""
