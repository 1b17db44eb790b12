"""NS1xx: files, and their text as YAML."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS101": Code(
        "invalid YAML",
        "The text breaks a rule of YAML: an unclosed bracket, a tab in the indentation, a control character. Inside "
        "{…} and […] a plain value ends at , [ ] { or }, so an expression that contains one of them must be quoted "
        "there.",
        "  a: {conv2d: [4, kernel: 3}\n",
        "  a: {conv2d: 4, kernel: 3}\n",
    ),
    "NS102": Code(
        "not UTF-8",
        "A spec is UTF-8 text. The message names the first invalid byte and its line. Save the file with the "
        "encoding UTF-8; Windows-1252 and UTF-16 are the usual culprits.",
    ),
    "NS103": Code(
        "duplicate key",
        "A mapping has each key once: of two layers with one name, only the last would remain. Keys that '<<' "
        "merges in may be given again, which replaces them.",
        "  a: {conv2d: 4, kernel: 3}\n  a: relu\n",
        "  a: {conv2d: 4, kernel: 3}\n  b: relu\n",
    ),
    "NS104": Code(
        "a second document",
        "'---' begins another YAML document. A spec is one document; use variants or further files for several "
        "networks.",
        "  - relu\n---\nnetspec: 1\n",
        "  - relu\n",
    ),
    "NS105": Code(
        "a key that is not text",
        "A key is a word or a quoted expression, never a list or a mapping.",
        "  ? [a, b]\n  : relu\n",
        "  a: relu\n",
    ),
    "NS106": Code(
        "a YAML tag",
        "Tags such as !!python/object say how to construct a value. A spec contains no code and no tags.",
        "  - {dropout: !!float 0.5}\n",
        "  - {dropout: 0.5}\n",
    ),
    "NS107": Code(
        "an alias or merge without a target",
        "'*name' repeats what '&name' marked before it; '<<' merges a mapping, or a list of mappings, into another.",
        "  - *unit\n",
        "  - &unit {conv2d: 3, kernel: 3, padding: 1}\n  - *unit\n",
    ),
    "NS109": Code(
        "an unreadable file",
        "No file or network of the zoo has that name, or the file may not be read. `netspec zoo` lists the networks "
        "that come with netspec. Files under 'use' are relative to the spec.",
        "input: [3, 32, 32]\nuse: nothing_there.yaml\nlayers: [relu]\n",
    ),
    "NS110": Code(
        "an empty file",
        "The file is empty. `netspec new` writes a first spec.",
        "",
        "netspec: 1\ninput: [3, 32, 32]\nlayers: [relu]\n",
        whole=True,
    ),
    "NS112": Code(
        "a line separator that editors do not show",
        "For YAML, a lone carriage return, U+0085, U+2028 and U+2029 end a line; most editors show none. `netspec fmt` "
        "does not guess what was meant. Write a line feed, or within quotes an escape such as \\u2028.",
    ),
    "NS113": Code(
        "a file that cannot be formatted",
        "`netspec fmt` reads back what it would write. If a value, a comment or the network differed, the file stays "
        "as it is. This is a fault of netspec: please report it with the file.",
    ),
}
