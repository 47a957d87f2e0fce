"""What all tests share: how hypothesis draws."""

from hypothesis import HealthCheck, settings

# A slow machine is no failure: no test here is about time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
