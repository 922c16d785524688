"""Runs Debian's wapiti. Its 3.0.4 writes patterns of addresses to leave alone in a way that Python 3.11 refuses."""

import fnmatch
import re

import wapitiCore.net.crawler as crawler
from wapitiCore.main.wapiti import wapiti_main

crawler.wildcard_translate = lambda pattern: re.compile(fnmatch.translate(pattern))
wapiti_main()
