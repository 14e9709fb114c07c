"""The command line: arguments in, a call into the library, the answer out.

`app.py` is the frame, one file per command beside it; a command's file is imported only when the
command is called. Nothing below this room prints.
"""
