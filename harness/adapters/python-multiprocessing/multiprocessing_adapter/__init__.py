"""Hosts CPython's multiprocessing: its queues, its pipes and its processes.

Three kinds of processes run this package:

* the *front*, which the harness starts: it reads the harness's lines and writes the replies;
* a *host* for each start method in use: it creates the channels of a run, starts the processes that
  no step starts, and passes on their reports. It has only one thread, so that it can fork;
* *peers*, which run the steps of a plan. The harness judges what they report.

A peer reports each event immediately, over a connection of its own, its *link*, so that its reports
survive when it is killed. The kit for adapters in Python speaks the protocol, and runs the steps that
have nothing to do with the library. Needs only the standard library of Python 3.8 or newer.

A module uses only modules above it in this list:

    methods        the start methods
    items          the items that the library must fail to encode or decode
    outcomes       which outcome an exception of the library is
    backend        what a column declares and does, and the column without a channel
    queues         Queue, SimpleQueue, JoinableQueue
    connections    Pipe
    endpoints      Listener
    elsewhere      the columns of an adapter for another library
    columns        all of them
    steps          the operations on ends
    objections     the plans that a column can't run
    handover       what a process receives when it starts
    peers          the processes of a plan
    host           the host
    front          the front
"""

import os
import sys

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The kit is a file of another folder. Every new interpreter imports this package before it needs the kit.
KITS = os.path.join(os.path.dirname(FOLDER), "kits")
if KITS not in sys.path:
    sys.path.insert(0, KITS)
