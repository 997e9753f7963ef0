import pickle

import pytest

from channels_ingest.reading_child import Outcome, outcome_from
from inbox.contract import Nature


class AsOldPythonWritesIt:
    """Pickles to what Python 3.11.2 writes for a member of an enum."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name

    def __reduce__(self):
        return getattr, (self.kind, self.name)


class TestOutcomeFrom:
    def test_takes_enums_as_an_older_python_writes_them(self):
        written = pickle.dumps(
            Outcome(reason=AsOldPythonWritesIt(Nature, Nature.PERSON.name))
        )

        assert outcome_from(written).reason is Nature.PERSON

    def test_reaches_nothing_else_that_way(self):
        written = pickle.dumps(Outcome(reason=AsOldPythonWritesIt(Outcome, "__init__")))

        with pytest.raises(pickle.UnpicklingError):
            outcome_from(written)

    def test_takes_nothing_that_could_run(self):
        with pytest.raises(pickle.UnpicklingError):
            outcome_from(pickle.dumps(print))
