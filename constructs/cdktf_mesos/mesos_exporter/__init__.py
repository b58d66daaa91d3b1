"""mesos_exporter: the metrics of masters and agents for Prometheus."""
