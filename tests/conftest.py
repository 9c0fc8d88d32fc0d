"""Hypothesis profiles: `default` in every run, `long` for the documented long run (`--hypothesis-profile=long`)."""

from hypothesis import HealthCheck, settings

settings.register_profile("default", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("default")
