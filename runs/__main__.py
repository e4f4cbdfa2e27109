"""`python -m perpetuum.runs` is `perpetuum`."""

import sys

from perpetuum.runs.commands.cli import main

sys.exit(main())
