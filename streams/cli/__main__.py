"""`python -m streams.cli`: the command `tumen`, for processes that Tumen starts itself."""

from streams.cli import main

main(prog_name="tumen")
