#!/bin/bash
# Has the scripts of apps wait for a short time only. Comes before them.
sleep() { command sleep 0.1; }
