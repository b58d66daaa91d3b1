"""A small framework that takes Marathon's place in tests: no package registry has Marathon.

It takes Marathon's flags, keeps its state in ZooKeeper and answers the part of the HTTP API that tests use.
It stands on its own in the image: nothing here imports the rest of the sandbox.
"""
