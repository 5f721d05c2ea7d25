#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/scale.md: what capacity.py says of bench/scale/measured.json, and simulate.py."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs/scale.md")


def tables(*command):
    text = subprocess.run([os.path.join(HERE, command[0]), *command[1:]], check=True, text=True, stdout=subprocess.PIPE).stdout
    return text.strip().split("\n\n")


def main():
    measured, beside, _, capacity = tables("capacity.py", os.path.join(HERE, "measured.json"))
    theory, check, primary, organization = tables("simulate.py")
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for name, text in {"measured": measured, "beside": beside, "capacity": capacity, "theory": theory, "check": check, "primary": primary,
                       "organization": organization}.items():
        page, count = re.subn(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- end -->)",
                              lambda found, text=text: found[1] + text + "\n" + found[2], page, flags=re.S)
        if count != 1:
            sys.exit(f"docs/scale.md has no section {name}")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    main()
