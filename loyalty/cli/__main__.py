"""`python -m loyalty.cli`, which needs no folder of scripts on the path."""

from loyalty.cli import main

main(prog_name="loyalty")
