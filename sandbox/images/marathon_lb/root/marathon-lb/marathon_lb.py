#!/usr/bin/env python3
"""Starts the stand-in for marathon-lb's generator. Signals are sent to the process with this file's name."""

import runpy

runpy.run_module("stand_in", run_name="__main__")
