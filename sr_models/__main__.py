"""The command line begins: Ctrl-C ends it in one line from its first moment, also while torch is imported, which takes seconds."""

import sys

STOPPED = "sr_models: Stopped. What was finished before is complete."


def main(arguments: list[str] | None = None) -> int:
    """→ exit code: 0; 2 where a photo or a wish was refused; 130 where it was stopped by Ctrl-C."""
    try:
        from sr_models.command import run

        return run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write(STOPPED + "\n")
        exec("")  # else Python ends by the signal after all where it came within an exec, such as that of a named tuple
        return 130


if __name__ == "__main__":
    sys.exit(main())
