"""What the page is started with: addresses, logins, threads."""

import argparse
import os
from pathlib import Path

from sr_models import DeviceError
from sr_models.device import use_threads
from ui.server import agents


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; threads are used from now on."""
    parser = argparse.ArgumentParser(prog="app.py", description="Serves the page.", allow_abbrev=False)
    parser.add_argument(
        "--host", metavar="ADDRESS", help="what to listen on: 127.0.0.1, this machine only, unless told; 0.0.0.0 is everybody"
    )
    parser.add_argument("--port", type=int, metavar="NUMBER", help="7860, or the next that is free, unless told")
    parser.add_argument("--share", action="store_true", help="also make a public address for some days, through gradio's servers")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a name by which the server may be called too; may be repeated"
    )
    parser.add_argument(
        "--auth",
        type=credentials,
        metavar="USER:PASSWORD",
        help="let in only who knows these; whoever uses this machine can see them: not so SR_AUTH in the environment, or --auth-file",
    )
    parser.add_argument("--auth-file", type=Path, metavar="FILE", help="let in only who knows a line of this file, each USER:PASSWORD")
    parser.add_argument(
        "--threads", metavar="N", help="how many cores to use, all unless told; where other programs run too, fewer are faster"
    )
    parser.add_argument("--mcp", action="store_true", help="also serve agents, at /gradio_api/mcp")
    parser.add_argument("--open", action="store_true", help="open the page in this machine's browser")
    options = parser.parse_args(arguments)
    try:
        use_threads(options.threads)
    except DeviceError as failure:
        parser.error(str(failure))
    if options.auth and options.auth_file:
        parser.error("--auth and --auth-file both say who may come in. Leave one of the two out.")
    try:
        options.auth = [options.auth] if options.auth else read_logins(options.auth_file)
    except argparse.ArgumentTypeError as failure:
        parser.error(str(failure))
    if options.mcp and options.auth:
        parser.error("--mcp and --auth cannot be had together: agents cannot log in. Leave one of the two out.")
    if options.mcp and not agents.can_be_served():
        parser.error(agents.MISSING)
    return options


def credentials(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not (user and colon and password):
        raise argparse.ArgumentTypeError("give a name and a password, as USER:PASSWORD")
    return user, password


def read_logins(file: Path | None) -> list[tuple[str, str]] | None:
    """Who may come in, as a file or the environment says; None where neither does."""
    text = os.environ.get("SR_AUTH", "")
    if file is not None:
        try:
            text = file.read_text("utf-8")
        except (OSError, ValueError) as failure:
            raise argparse.ArgumentTypeError(f"the file “{file}” could not be read") from failure
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if file is not None and not lines:
        raise argparse.ArgumentTypeError(f"the file “{file}” names nobody: give USER:PASSWORD in each line")
    return [credentials(line) for line in lines] or None
