import sys

from pridvor.project.cli import main

sys.exit(main())
