"""Combines all uses of a repeated block into one class, with arguments for what differs between them.

:mod:`.grouping` decides which uses share a class, :mod:`.merging` combines them, and :mod:`.decide_arguments`
determines the arguments.
"""
