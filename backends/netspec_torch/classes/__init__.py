"""Where all uses of a repeated block become one class, with arguments for what differs between them.

:mod:`.grouping` decides which uses are one class, :mod:`.merging` combines them, and :mod:`.decide_arguments` finds the
arguments.
"""
