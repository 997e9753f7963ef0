"""What is collected for browsers, by `run` and by a hand-run `collectstatic` alike."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class DeskStaticFilesConfig(StaticFilesConfig):
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        # No page of ours loads these. One script of django_htmx names a module that is
        # not there, and then none of all the files can be given its name.
        *("rest_framework", "gis", "django_htmx", "*.py", "README*"),
    ]
