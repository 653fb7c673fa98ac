"""A worker that is killed between the ERP's effect and our commit: python -m tests.connectors.dying_worker CALL."""

import os
import sys
from dataclasses import replace

import django

django.setup()

from pridvor.connectors import actions, table  # noqa: E402
from pridvor.lib import wall  # noqa: E402
from tests.conftest import NOW  # noqa: E402

wall.process_is(wall.MACHINE)

row = table.CAPABILITIES["erp.create_customer"]


def perform_and_die(request):
    row.perform(request)
    os._exit(9)


table.CAPABILITIES["erp.create_customer"] = replace(row, perform=perform_and_die)
actions.attempt_call(int(sys.argv[1]), now=NOW)
