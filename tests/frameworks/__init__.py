"""Tests of frameworks that nobody here wrote, on clusters of the fixture `mesos_cluster`.

`tests/e2e/test_frameworks.py` runs them in a pytest of its own, as a framework's developer would.
"""
