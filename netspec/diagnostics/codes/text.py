"""NS1xx: files, and their text as YAML."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS101": Code(
        "not YAML",
        "The text breaks a rule of YAML: a bracket is not closed, a tab indents a line, a control character stands "
        "in it. Inside {…} and […] a plain value ends at , [ ] { or }, so an expression that has one of them is "
        "quoted there.",
        "  a: {conv2d: [4, kernel: 3}\n",
        "  a: {conv2d: 4, kernel: 3}\n",
    ),
    "NS102": Code(
        "not UTF-8",
        "A spec is a text in UTF-8. The message names the first byte that is none, and its line. Editors call it "
        "the encoding of the file; Windows-1252 and UTF-16 are the usual others.",
    ),
    "NS103": Code(
        "a key given twice",
        "A mapping has each key once: of two layers of one name only the last would be left, without a word. Keys "
        "that '<<' merges in may be given again, and are then replaced.",
        "  a: {conv2d: 4, kernel: 3}\n  a: relu\n",
        "  a: {conv2d: 4, kernel: 3}\n  b: relu\n",
    ),
    "NS104": Code(
        "a second document",
        "'---' begins another document of YAML. A spec is one document: variants, or files of their own, hold "
        "several networks.",
        "  - relu\n---\nnetspec: 1\n",
        "  - relu\n",
    ),
    "NS105": Code(
        "a key that is no text",
        "A key is a word or an expression in quotes, never a list or a mapping.",
        "  ? [a, b]\n  : relu\n",
        "  a: relu\n",
    ),
    "NS106": Code(
        "a tag",
        "Tags such as !!python/object say how a value is to be made. There is no code in a spec, and no tag.",
        "  - {dropout: !!float 0.5}\n",
        "  - {dropout: 0.5}\n",
    ),
    "NS107": Code(
        "an alias or merge that leads nowhere",
        "'*name' stands for what '&name' marked before it, and '<<' merges a mapping, or a list of mappings, into "
        "another.",
        "  - *unit\n",
        "  - &unit {conv2d: 3, kernel: 3, padding: 1}\n  - *unit\n",
    ),
    "NS109": Code(
        "a file that cannot be read",
        "There is no file of that name and no network of the zoo, or the file may not be read. `netspec zoo` lists "
        "the networks that come with netspec; files under 'use' are looked for beside the spec.",
        "input: [3, 32, 32]\nuse: nothing_there.yaml\nlayers: [relu]\n",
    ),
    "NS110": Code(
        "an empty file",
        "There is nothing in the file. `netspec new` writes a start.",
        "",
        "netspec: 1\ninput: [3, 32, 32]\nlayers: [relu]\n",
        whole=True,
    ),
}
