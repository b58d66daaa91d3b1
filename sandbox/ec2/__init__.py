"""EC2 on one machine: moto is the API, and hosts of the sandbox take the place of its instances.

An instance with the private address of a host (`sandbox.paths.address`) is that host: see `emulator.Ec2`.
"""
