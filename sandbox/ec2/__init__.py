"""EC2 on one machine: moto is the API, and hosts of the sandbox stand where its instances would be.

An instance whose private address is that of a host (`sandbox.paths.address`) is that host: see `emulator.Ec2`.
"""
