"""A name server that takes Mesos-DNS's place in tests: no package registry has Mesos-DNS.

It reads the same configuration, follows the real masters' leader and state, and makes the same names. It answers DNS by
UDP and TCP, and the HTTP API. It has no authentication, no TLS and no PTR records, and ends with an error if the
configuration asks for one of them.

It was compared with the programs of 0.6.0 and 0.9.4: same names, same answers, same behaviour without masters.

Sources of what it does: the code and docs of mesosphere/mesos-dns (records/labels, records/generator.go, resolver,
detect), tag by tag, and of AVENTER-UG/mesos-dns.

The image has only this folder, without this file. So nothing here imports the rest of the sandbox.
"""
