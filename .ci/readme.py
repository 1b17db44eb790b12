"""Print the shell commands of the README that set things up and test them, as a reader would run them."""

import re
from pathlib import Path

text = Path("README.md").read_text(encoding="utf-8")
for block in re.findall(r"<!-- ci -->\n```(?:sh|console)\n(.*?)```", text, re.DOTALL):
    print(block.strip())
