"""`python -m runs` is `perpetuum`."""

import sys

from runs.cli import main

sys.exit(main())
