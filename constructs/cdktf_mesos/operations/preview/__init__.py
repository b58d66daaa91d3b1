"""The preview: what `cdktf deploy '*'` would do to the whole cluster, in the order of the roll."""
