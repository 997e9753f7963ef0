import json
import logging
import logging.config

import pytest

from helpdesk.core.logging import logging_configuration, request_id


@pytest.fixture
def _our_logging():
    before = logging.getLogger().handlers[:]
    level = logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


@pytest.mark.usefixtures("_our_logging")
class TestLoggingConfiguration:
    def test_writes_json_with_the_id_of_the_request(self, capsys):
        logging.config.dictConfig(logging_configuration(style="json", level="INFO"))
        token = request_id.set("a1b2c3d4")

        logging.getLogger("inbox").info("conversation %s closed", 42)

        request_id.reset(token)
        line = json.loads(capsys.readouterr().err)
        assert line["message"] == "conversation 42 closed"
        assert line["request_id"] == "a1b2c3d4"
        assert line["level"] == "INFO"
        assert line["logger"] == "inbox"

    def test_writes_lines_for_people(self, capsys):
        logging.config.dictConfig(logging_configuration(style="text", level="INFO"))

        logging.getLogger("inbox").info("conversation %s closed", 42)

        assert "inbox [-] conversation 42 closed" in capsys.readouterr().err
