"""Property tests draw the same examples in every run, and have all the time they need: none fails by chance."""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
