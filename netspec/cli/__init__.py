"""The command line: ``netspec`` and ``python -m netspec``; one command a file, loaded when it is used."""
