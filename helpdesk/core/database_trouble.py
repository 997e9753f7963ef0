"""Whether the database refuses one thing, or cannot serve anybody just now."""

_NO_ROOM = "53100"
_NO_CONNECTION = "53300"
_READ_ONLY = "25006"
_LOCK_NOT_HAD = "55P03"
_PASSING = frozenset({_NO_ROOM, _NO_CONNECTION, _READ_ONLY, _LOCK_NOT_HAD})
_SYSTEM = "58"
_ROLLED_BACK = "40"


def is_trouble_of_all(error: BaseException) -> bool:
    """Whether the same statement may succeed later, as it stands.

    No room on the disk, a disk that fails, a deadlock: what was to be written is not
    to blame, and must not be counted as bad.
    """
    code = str(getattr(error.__cause__, "pgcode", None) or "")
    return code in _PASSING or code.startswith((_SYSTEM, _ROLLED_BACK))
