#!/bin/bash
# A further function for `cdktf-mesos status` of a Mesos agent, in addition to questions.sh; see role/ask.sh.

standing() { if serving "$1"; then echo registered; else echo 'not registered'; fi; }
