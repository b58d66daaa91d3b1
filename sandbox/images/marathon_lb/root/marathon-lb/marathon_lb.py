#!/usr/bin/env python3
"""Starts the stand-in for marathon-lb's generator. The process has this file's name, by which signals are sent to it."""

from stand_in.__main__ import main

main()
