"""The items that the library must fail to encode or decode: it pickles them."""

import pickle


class Unsendable:
    """A value that can't be pickled."""

    def __reduce__(self):
        raise pickle.PicklingError("this value can't be pickled")


class Undecodable:
    """A value that can be pickled, and not unpickled."""

    def __reduce__(self):
        return fail_to_unpickle, ()


def fail_to_unpickle():
    raise pickle.UnpicklingError("this value can't be unpickled")


# Their words in the protocol.
FAILING = {"unsendable": Unsendable(), "undecodable": Undecodable()}
