"""`python -m bus`: the same as the command `bus`."""

from bus.cli.main import run

if __name__ == "__main__":
    run()
