"""A peer that closes with an unread message is reported as a reset, and not as EOFError."""

import billiard

if __name__ == "__main__":
    a, b = billiard.Pipe()
    a.send("never read")
    b.send("last")
    b.close()
    assert a.recv() == "last"
    try:
        a.recv()
    except EOFError:
        print("kept: EOFError")
    except OSError as error:
        print("broken:", type(error).__name__)
