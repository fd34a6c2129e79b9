#!/usr/bin/env python3
"""README's table of options is what the program prints: check_readme.py README hirschd [--write]."""
import subprocess
import sys

BEGIN, END = "<!-- hirschd help options -->\n", "<!-- end -->"


def main():
    readme, hirschd = sys.argv[1:3]
    printed = subprocess.run([hirschd, "help", "options"], stdout=subprocess.PIPE, check=True, text=True).stdout
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    start = text.index(BEGIN) + len(BEGIN)
    end = text.index(END, start)
    if "--write" in sys.argv:
        with open(readme, "w", encoding="utf-8") as file:
            file.write(text[:start] + printed + text[end:])
    elif text[start:end] != printed:
        print("README's table of options differs from hirschd help options; run check_readme.py with --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
