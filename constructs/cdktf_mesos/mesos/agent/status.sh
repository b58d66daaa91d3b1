#!/bin/bash
# What `cdktf-mesos status` asks a Mesos agent besides questions.sh; see role/ask.sh.

standing() { if serving "$1"; then echo registered; else echo 'not registered'; fi; }
