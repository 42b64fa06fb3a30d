"""SimpleQueue.empty() raises AttributeError."""

import billiard

if __name__ == "__main__":
    items = billiard.get_context("fork").SimpleQueue()
    try:
        print("kept: empty() is", items.empty())
    except AttributeError as error:
        print("broken:", error)
