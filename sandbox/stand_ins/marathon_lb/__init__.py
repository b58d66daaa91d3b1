"""A generator that takes the place of marathon-lb's own in tests: no package registry has marathon-lb.

It reads Marathon's apps, and writes haproxy's configuration: the same options, templates, names of backends and order
of sections as marathon-lb (marathon_lb.py and config.py of mesosphere/marathon-lb). haproxy, runit and socat around it
are real. It has no groups of virtual hosts (`--group-https-by-vhost`), maps (`--haproxy-map`), blue-green deployments
or apps with an address for each task, and says so if an app or an option needs one of these.

The image has only this folder, without this file. So nothing here imports the rest of the sandbox.
"""
