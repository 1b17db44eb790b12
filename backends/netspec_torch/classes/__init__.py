"""Where all uses of a repeated block become one class, with arguments for what differs between them.

:mod:`.classes` decides which uses are one class, :mod:`.merging` combines them, :mod:`.settling` decides the arguments.
"""
