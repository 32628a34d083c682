"""The command line: parse, call one service, print.

`command` is how a command is made, `session` where it runs, `output` what it
prints. Modules import services inside functions, so that ``--help`` is quick.
"""
