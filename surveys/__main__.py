"""`python -m surveys` is `koe`."""

from surveys.cli import main

main(prog_name="koe")
