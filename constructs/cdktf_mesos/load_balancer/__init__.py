"""The load balancer for Marathon's apps: marathon-lb."""
