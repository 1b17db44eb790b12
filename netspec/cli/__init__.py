"""The command line: ``netspec`` and ``python -m netspec``. Each command is one module, imported when it is used."""
