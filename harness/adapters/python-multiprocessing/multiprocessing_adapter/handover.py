"""What a process receives when it starts, and what others then close."""

from ipc_conformance_kit import ends_of, family_of


def given_to(process, run, plan, backend, ends, links):
    """Returns what a process needs, and what it holds for the processes that it will start."""
    family = family_of(plan, process)
    needed = ends_of(plan, family)
    return {
        "process": process,
        "run": run,
        "plan": plan,
        "backend": backend,
        "link": links[process],
        "ends": {name: end for name, end in ends.items() if name in needed},
        "links": {index: links[index] for index in family[1:]},
    }


def close_except(links, given):
    """Closes the links that a new process wasn't given."""
    kept = [given["link"], *given["links"].values()]
    for link in links:
        if link not in kept:
            link.close()
