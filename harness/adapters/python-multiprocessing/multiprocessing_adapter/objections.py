"""Which plans a column can't run, found before anything starts."""

from ipc_conformance_kit import all_steps, family_of, step_method

from .steps import Thread


def objection(plan, backend):
    """Returns why this backend can't run this plan, or None if it can."""
    for channel in plan["channels"]:
        why = objection_to_channel(backend, channel)
        if why is not None:
            return why
    for index, process in enumerate(plan["processes"]):
        if process["starter"] is not None and process["start"] not in backend.starts:
            return "%s can't start a process by %s here" % (backend.name, process["start"])
        for word, what, is_in_thread in all_steps(process["steps"]):
            why = objection_to_step(plan, backend, index, word, what, is_in_thread)
            if why is not None:
                return why
    return None


def objection_to_channel(backend, channel):
    if channel.get("endpoint") is not None:
        # A connection is created by the steps at its endpoint.
        return None
    if channel["kind"] != backend.kind:
        return "%s hosts no %s" % (backend.name, channel["kind"])
    if channel.get("mode") is not None:
        return "%s can't restrict which processes connect" % backend.name
    if channel.get("backlog") is not None and not backend.has_backlog:
        return "%s can't set how many clients wait" % backend.name
    if channel["capacity"] is not None and not backend.is_bounded:
        return "%s has no capacity" % backend.name
    return None


def objection_to_step(plan, backend, index, word, what, is_in_thread):
    if getattr(Thread, step_method(word), None) is None:
        return "no step `%s`" % word
    if word == "poll" and not backend.polls:
        return "%s has no poll" % backend.name
    if word == "put" and what["wait"] != "deadline" and not backend.puts_waiting:
        return "%s has no try or timed put" % backend.name
    if word == "get" and what["wait"] != "deadline" and not backend.gets_waiting:
        return "%s has no try or timed get" % backend.name
    if word in ("task-done", "join-queue") and not backend.is_joinable:
        return "%s doesn't count its items" % backend.name
    if word == "hint" and what["hint"] not in backend.native:
        return "%s has no `%s`" % (backend.name, what["hint"])
    if word == "get" and what.get("buffer") is not None and not hasattr(backend, "get_into"):
        return "%s has no receive into a buffer" % backend.name
    if word == "close" and not backend.closes:
        return "%s has no close in this version of Python" % backend.name
    if word == "listen" and what["replace"]:
        return "%s can't replace a name" % backend.name
    if word in ("accept", "connect") and what["wait"] != "deadline":
        return "%s has no try or timed `%s`" % (backend.name, word)
    if word == "raw" and not backend.has_bytes:
        return "%s gives no access to the bytes below its messages" % backend.name
    if word == "exit" and is_in_thread:
        return "sys.exit ends a process only from its main thread"
    if word == "open":
        family = family_of(plan, index)
        for other, process in enumerate(plan["processes"]):
            takes = any(given["end"]["channel"] == what["channel"] for given in process["ends"])
            if takes and other not in family:
                return "only descendants of the process that opens a channel can have its ends"
    return None
