"""The command line. Every command says what it does with --help; exit codes: 0 done, 1 failed, 2 wrong use."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured

from pridvor.lib import wall
from pridvor.project import bench, embedded, environment, up

COMMANDS = "pridvor.project.commands"  # loaded once Django is ready: their modules hold tables


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.run is not None:
            return int(given.run(given))
        needed = given.database(given) if callable(given.database) else given.database
        with _database(needed):
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pridvor.project.settings")
            django.setup()
            wall.process_is(wall.MACHINE)
            module, _, function = given.function.rpartition(":")
            command = getattr(importlib.import_module(module or COMMANDS), function)
            return int(command(given) or 0)
    except embedded.CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except (environment.WrongUse, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `pridvor … | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pridvor", description="Client onboarding: from yes to active.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(
        to: "argparse._SubParsersAction[argparse.ArgumentParser]",
        name: str,
        function: str,
        text: str,
        *,
        database: bool | Callable[[argparse.Namespace], bool] = True,
    ) -> argparse.ArgumentParser:
        command = to.add_parser(name, help=text, description=text)
        command.set_defaults(function=function, database=database, run=None)
        return command

    start = add(commands, "up", "", "start everything on this machine: database, web, worker")
    start.add_argument(
        "--demo", action="store_true", help="with a demo company and stand-ins for mail, ERP and registry"
    )
    start.set_defaults(run=_up)
    add(commands, "web", "", "the web process alone").set_defaults(run=_web)
    add(commands, "worker", "pridvor.project.jobs:command", "the job workers alone, restarted when they die")
    add(commands, "mailbox", "mailbox", "the demo's mail server")
    add(commands, "migrate", "migrate", "bring both databases to this version")
    add(
        commands,
        "prepare",
        "prepare",
        "migrate, and in the demo publish the shipped journeys and make its staff",
    )
    founded = add(
        commands,
        "init",
        "pridvor.project.founding:command",
        "make an empty company of your own, from nothing or from the demo; asks what no option says",
    )
    for name, words in (
        ("name", "the company's name"),
        ("country", "its country, two letters: its calendar, its holidays"),
        ("language", "ro or en"),
        ("email", "e-mail that clients may write to; mails come from it"),
        ("phone", "telephone for clients"),
        ("admin-name", "name of the first administrator"),
        ("admin-email", "their e-mail, with which they sign in"),
        ("journeys", "shipped journeys to publish, with commas, or all"),
        ("leave-demo", "the name of the demo's company: removes the demo"),
    ):
        founded.add_argument(f"--{name}", help=words)
    add(commands, "demo", "pridvor.project.demo:run", "fill the demo company")
    made = add(
        commands,
        "paper",
        "pridvor.project.papers:command",
        "a paper of a demo company, as PDF on standard output",
    )
    made.add_argument("case", help="the case's reference")
    made.add_argument("item", choices=["registration-certificate", "bank-letter", "contract"])
    add(commands, "wiring", "print_wiring", "print which event leads to which action", database=False)
    policy = add(commands, "policy", "policy_show", "print who of the staff may do what", database=False)
    policy.add_argument("--json", action="store_true")
    doctor = add(
        commands, "doctor", "doctor", "look for what is wrong with this installation, and say how to mend it"
    )
    doctor.add_argument("--settings", action="store_true", help="list every setting with its meaning")
    doctor.add_argument("--json", action="store_true")
    erase = add(commands, "erase", "erase", "destroy the key of a case's personal data, for ever")
    erase.add_argument("case", help="the case's reference")
    erase.add_argument("--reason", required=True)
    erase.add_argument("--yes", action="store_true", help="do not ask")
    saved = add(
        commands,
        "backup",
        "pridvor.project.backup:backup_command",
        "both databases, documents and checkpoints into a folder, encrypted",
    )
    saved.add_argument("--with-keys", action="store_true", help="with the keys, sealed by the passphrase")
    brought = add(
        commands,
        "restore",
        "pridvor.project.backup:restore_command",
        "bring a backup back into an empty installation, and prove that it is whole",
    )
    for each in (saved, brought):
        each.add_argument("folder", type=Path)
    rotating = add(
        commands,
        "rotate-keys",
        "pridvor.project.rotation:command",
        "give each key a new version and move to it what older ones sealed, while everything runs",
    )
    rotating.add_argument("--only", choices=["vault", "files", "index", "seal"])
    rotating.add_argument(
        "--retire", action="store_true", help="forget older versions that nothing is sealed with any more"
    )
    rotating.add_argument("--json", action="store_true")
    proof = commands.add_parser("evidence", help="prove that no ledger was tampered with").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    verified = add(
        proof,
        "verify",
        "pridvor.project.proving:verify",
        "follow every chain and hold it against every checkpoint; exit code 1 when something is found",
    )
    verified.add_argument("--json", action="store_true")
    add(proof, "checkpoint", "pridvor.project.proving:checkpoint", "write a checkpoint now")
    add(proof, "key", "pridvor.project.proving:public_key", "the public keys that a verifier needs")
    exported = commands.add_parser("export", help="write what others can verify").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    sealed = add(
        exported, "evidence", "pridvor.project.proving:export", "a case's evidence, as one sealed file"
    )
    sealed.add_argument("case", help="the case's reference")
    sealed.add_argument("--to", default="", help="the file to write; REFERENCE.evidence.zip if not given")
    sealed.add_argument(
        "--reason", default="", help="why personal values or documents are needed; it is logged"
    )
    sealed.add_argument("--personal", action="store_true", help="with personal values, for the reason given")
    sealed.add_argument("--files", action="store_true", help="with the documents, for the reason given")
    verify = add(
        commands,
        "verify",
        "pridvor.project.proving:verify_file",
        "verify a case's exported evidence",
        database=False,
    )
    verify.add_argument("file")
    verify.add_argument(
        "--key", action="append", default=[], help="public key; if not given, those of this installation"
    )
    report = commands.add_parser("report", help="reports for authorities").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    article30 = add(
        report, "article30", "article30", "the record of processing activities (GDPR Art. 30), as PDF or JSON"
    )
    article30.add_argument("--language", choices=["en", "ro"], default="ro")
    article30.add_argument("--output", help="the PDF's file; without it, standard output")
    article30.add_argument("--json", action="store_true")
    case = commands.add_parser("case", help="look at cases").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    show = add(case, "show", "case_show", "show a case: stages, steps, events")
    show.add_argument("case", help="the case's reference")
    show.add_argument("--json", action="store_true")
    journey = commands.add_parser("journey", help="check and publish journeys").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    check = add(
        journey,
        "check",
        "journey_check",
        "read a journey and say what keeps it from being published",
        database=False,
    )
    check.add_argument("file", nargs="+", help="a journey's file")
    prove = add(
        journey,
        "prove",
        "pridvor.project.authoring:prove",
        "prove that no case can go wrong on a journey; show one that does",
        database=False,
    )
    prove.add_argument("file", nargs="+", help="a journey's file")
    diff = add(
        journey,
        "diff",
        "pridvor.project.authoring:diff",
        "tell what differs between two journeys; exit code 1 when something does",
        database=_names_a_version,
    )
    for side in ("old", "new"):
        diff.add_argument(side, help="a journey's file, or a published version: name@number")
    drawn = add(
        journey,
        "bpmn",
        "pridvor.project.authoring:draw_bpmn",
        "a journey as BPMN 2.0 with its diagram, on standard output",
        database=False,
    )
    drawn.add_argument("file", help="a journey's file")
    drawn.add_argument("--language", choices=["en", "ro"], default="en")
    add(
        journey,
        "schema",
        "pridvor.project.authoring:print_schema",
        "the JSON Schema of the journey language, on standard output",
        database=False,
    )
    publish = add(journey, "publish", "journey_publish", "make a journey's text its next version")
    publish.add_argument("file")
    listing = add(journey, "show", "journey_show", "show a published journey's stages and steps")
    listing.add_argument("name")
    for verb in (check, prove, diff, publish, listing):
        verb.add_argument("--json", action="store_true")
    connector = commands.add_parser("connector", help="describe further systems").add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    for name, words in (
        ("check", "read descriptions of systems, and say on which line what is wrong"),
        ("try", "do every verb of a described system with a made-up client, against a dry stand-in"),
    ):
        described = add(connector, name, f"pridvor.project.describing:{name}_files", words, database=False)
        described.add_argument("file", nargs="+", help="a description's file")
    for name, words in (
        ("schema", "the JSON Schema of descriptions, on standard output"),
        ("names", "the names that a description may put into its requests"),
    ):
        add(connector, name, f"pridvor.project.describing:print_{name}", words, database=False)
    add(
        commands, "bench", "", "measure, as ratios in one run; prints a table and writes build/bench.json"
    ).set_defaults(run=_bench)
    return parser


def _names_a_version(given: argparse.Namespace) -> bool:
    """Only published versions stand in the database; files are read without it."""
    return any("@" in side for side in (given.old, given.new))


def _up(given: argparse.Namespace) -> int:
    return up.run(demo=given.demo or environment.flag("PRIDVOR_DEMO"))


def _web(given: argparse.Namespace) -> int:
    bind = f"{environment.get('PRIDVOR_BIND')}:{environment.get('PRIDVOR_PORT')}"
    os.execv(sys.executable, up.web_command(bind))  # noqa: S606
    return 0


def _bench(given: argparse.Namespace) -> int:
    return bench.main()


@contextmanager
def _database(needed: bool) -> Iterator[None]:
    """The database of the environment, or the embedded one: the running one, else started for this command alone."""
    if not needed or os.environ.get("DATABASE_URL"):
        yield
        return
    cluster = embedded.Cluster(environment.data_folder() / "postgresql")
    running = cluster.is_running()
    urls = cluster.urls() if running else cluster.start()
    os.environ |= urls.environment()
    try:
        yield
    finally:
        if not running:
            cluster.stop()
