"""The whole-cluster preview: what `cdktf deploy '*'` would do, in the order in which it would."""
