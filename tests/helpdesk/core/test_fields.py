import json
import logging

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.forms import modelform_factory

from helpdesk.core.fields import CannotDecrypt
from inbox.models import Channel
from tests.factories.inbox import ChannelFactory

SECRET = {"password": "swordfish"}


@pytest.fixture
def keys(settings):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    settings.FIELD_ENCRYPTION_KEYS = keys[:1]
    return keys


def stored_config(channel):
    with connection.cursor() as cursor:
        cursor.execute("SELECT config FROM inbox_channel WHERE id = %s", [channel.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestEncryptedJSONField:
    def test_gives_back_what_was_saved(self, keys):
        channel = ChannelFactory(config=SECRET)

        assert Channel.objects.get(pk=channel.pk).config == SECRET

    def test_is_unreadable_in_the_database(self, keys):
        channel = ChannelFactory(config=SECRET)

        assert "swordfish" not in stored_config(channel)
        assert "password" not in stored_config(channel)

    def test_is_different_each_time(self, keys):
        assert stored_config(ChannelFactory(config=SECRET)) != stored_config(
            ChannelFactory(config=SECRET)
        )

    def test_shows_nothing_in_logs(self, keys, caplog):
        channel = Channel(config=SECRET)
        saved = Channel.objects.get(pk=ChannelFactory(config=SECRET).pk)

        logging.getLogger("test").warning("%s %r", channel.config, saved.config)

        assert "swordfish" not in caplog.text

    def test_shows_nothing_in_forms_and_exports(self, keys):
        channel = ChannelFactory(config=SECRET)

        form = modelform_factory(Channel, fields="__all__")(instance=channel)

        assert "config" not in form.fields
        assert "swordfish" not in str(form)
        assert "swordfish" not in serializers.serialize("json", [channel])

    def test_still_is_a_dict_for_adapters(self, keys):
        channel = ChannelFactory(config=SECRET)

        assert json.loads(json.dumps(channel.config)) == SECRET
        assert channel.config["password"] == "swordfish"

    def test_cannot_be_searched(self, keys):
        with pytest.raises(FieldError):
            list(Channel.objects.filter(config__startswith="a"))
        with pytest.raises(FieldError):
            list(Channel.objects.filter(config=SECRET))

    def test_notices_a_changed_value(self, keys):
        channel = ChannelFactory(config=SECRET)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE inbox_channel SET config = overlay(config placing 'AA' from 40)"
            )

        with pytest.raises(CannotDecrypt):
            Channel.objects.get(pk=channel.pk)


@pytest.mark.django_db
class TestKeys:
    def test_that_are_older_still_read(self, keys, settings):
        channel = ChannelFactory(config=SECRET)

        settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]

        assert Channel.objects.get(pk=channel.pk).config == SECRET

    def test_can_be_changed(self, keys, settings, capsys):
        channel = ChannelFactory(config=SECRET)
        settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]

        call_command("rotate_field_keys")

        settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
        assert Channel.objects.get(pk=channel.pk).config == SECRET
        assert "swordfish" not in capsys.readouterr().out

    def test_that_are_gone_are_named_in_the_error(self, keys, settings):
        channel = ChannelFactory(config=SECRET)
        settings.FIELD_ENCRYPTION_KEYS = [keys[1]]

        with pytest.raises(CannotDecrypt, match="FIELD_ENCRYPTION_KEYS"):
            Channel.objects.get(pk=channel.pk)

    @pytest.mark.parametrize("wrong", [[], ["short"], [""]])
    def test_that_are_wrong_stop_the_writer(self, settings, wrong):
        settings.FIELD_ENCRYPTION_KEYS = wrong

        with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS"):
            ChannelFactory(config=SECRET)
