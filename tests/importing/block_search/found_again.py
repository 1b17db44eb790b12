"""Specs whose blocks are found again, text for text, in their flat form."""

FOUND_AGAIN = {
    "residual blocks with an optional projection, of which the first has a stride": """\
netspec: 1
name: net
params: {classes: 10}
input: [3, 32, 32]
defaults: {conv2d: {bias: false}}

blocks:
  Bottleneck:
    params: {filters: int, stride: 1, hidden: $(4 * filters)}
    layers:
      conv1: {conv2d: $filters, kernel: 1}
      bn1: {batch_norm, activation: relu}
      conv2: {conv2d: $filters, kernel: 3, stride: $stride, padding: 1}
      bn2: {batch_norm, activation: relu}
      conv3: {conv2d: $hidden, kernel: 1}
      downsample:
        layers: [{conv2d: $hidden, kernel: 1, stride: $stride}, batch_norm]
        from: input
        when: $(stride != 1 or input.channels != hidden)
      add: {add: conv3, activation: relu}

layers:
  layer1: {Bottleneck: 8, repeat: 2}
  layer2: {Bottleneck: 16, repeat: 3, first: {stride: 2}}
  layer3: {Bottleneck: 32, repeat: 2, first: {stride: 2}}
  pool: global_avg_pool
  fc: {dense: $classes}
""",
    "a table with the ratio of channels as a parameter": """\
netspec: 1
name: net
input: [16, 32, 32]

blocks:
  ConvBN:
    params: {filters: int, kernel: 3, stride: 1, groups: 1}
    layers:
      - {conv2d: $filters, kernel: $kernel, stride: $stride, padding: $(kernel // 2), bias: false, groups: $groups}
      - batch_norm
      - relu6
  Inverted:
    params: {filters: int, expand: int, stride: 1, hidden: $(expand * input.channels)}
    layers:
      conv:
        - {ConvBN: $hidden, kernel: 1, when: $(expand != 1)}
        - {ConvBN: $hidden, stride: $stride, groups: $hidden}
        - {conv2d: $filters, kernel: 1, bias: false}
      add: {add: input, when: $(stride == 1 and input.channels == filters)}

layers:
  features:
    - Inverted: $f
      expand: $e
      repeat: $n
      first: {stride: $s}
      each:
        columns: [f, e, s, n]
        rows:
          - [16, 1, 1, 1]
          - [24, 6, 2, 2]
          - [40, 4, 2, 3]
          - [80, 6, 1, 2]
""",
    "transformer layers, whose width, heads and depth are parameters of the network": """\
netspec: 1
name: net
params: {width: 64, vocabulary: 100, heads: 4, depth: 3}
inputs: {tokens: {shape: [10], dtype: int64}}

blocks:
  Layer:
    layers:
      norm1: layer_norm
      attention.query: {dense: $width}
      attention.key: {dense: $width, from: norm1}
      attention.value: {dense: $width, from: norm1}
      attention.attend: {dot_product_attention: $heads, from: [attention.query, attention.key, attention.value]}
      attention.out: {dense: $width}
      add: {add: input}
      norm2: layer_norm
      mlp: [{dense: $(4 * width)}, gelu, {dense: $width}]
      add_1: {add: add}

layers:
  embed: {embedding: $vocabulary, width: $width}
  layers: {Layer, repeat: $depth}
  head: {dense: $vocabulary, bias: false, share: embed}
""",
    "copies that alternate, and others whose dilation doubles": """\
netspec: 1
name: net
inputs: {input: {shape: [8, 64], axes: [channels, sequence]}}

blocks:
  Shifted:
    params: {shift: 0}
    layers:
      roll: {roll: $shift, axis: 1, when: $(shift != 0)}
      conv: {conv1d: 8, kernel: 1}
  Dilated:
    params: {dilation: 1}
    layers:
      conv: {conv1d: 8, kernel: 3, padding: $dilation, dilation: $dilation, activation: relu}
      add: {add: input}

layers:
  stage: {Shifted, shift: $(index % 2 * 3), repeat: 6}
  stack: {Dilated, dilation: $(2 ** index), repeat: 5}
""",
    "a tower with its weights for a second input": """\
netspec: 1
name: net
inputs: {left: [1, 20, 20], right: [1, 20, 20]}

blocks:
  Tower:
    layers:
      conv1: {conv2d: 4, kernel: 3, activation: relu}
      conv2: {conv2d: 8, kernel: 3, activation: relu}

layers:
  tower: {Tower, from: left}
  other: {Tower, from: right, share: tower}
  difference: {subtract: [tower, other], activation: abs}
""",
    "branches with as many widths, and a merge of all": """\
netspec: 1
name: net
input: [16, 28, 28]

blocks:
  ConvBN:
    params: {filters: int, kernel: 1}
    layers:
      conv: {conv2d: $filters, kernel: $kernel, padding: $(kernel // 2), bias: false}
      bn: {batch_norm, activation: relu}
  Inception:
    params: {filters: int, branch2: int, branch2_2: int, branch3: int}
    layers:
      branch1: {ConvBN: $filters}
      branch2: {layers: [{ConvBN: $branch2}, {ConvBN: $branch2_2, kernel: 3}], from: input}
      branch3: {layers: [{max_pool2d: 3, stride: 1, padding: 1}, {ConvBN: $branch3}], from: input}
      concat: {concat: [branch1, branch2, branch3]}

layers:
  inception3a: {Inception: 8, branch2: 12, branch2_2: 16, branch3: 4}
  inception3b: {Inception: 16, branch2: 16, branch2_2: 24, branch3: 8}
  inception3c: {Inception: 24, branch2: 12, branch2_2: 26, branch3: 8}
""",
    "rows of several layers": """\
netspec: 1
name: net
input: [3, 64, 64]

layers:
  features:
    - each: {columns: f, rows: [8, 16, 32, 64]}
      inline: [{inline: [{conv2d: $f, kernel: 3, padding: 1}, relu], repeat: 2}, {max_pool2d: 2}]
""",
    "stages with one copy and with more, and a formula with the names of what it reads": """\
netspec: 1
name: net
input: [8, 32, 32]

blocks:
  Unit:
    params: {filters: int, stride: 1}
    layers:
      conv: {conv2d: $filters, kernel: 3, stride: $stride, padding: 1}
      gain: {parameter: [$filters, 1, 1]}
      scaled: {formula: $(conv * gain)}
  Stage:
    params: {filters: int, depth: int}
    layers:
      b$(index + 1): {Unit: $filters, repeat: $depth, first: {stride: 2}}

layers:
  s1: {Stage: 8, depth: 1}
  s2: {Stage: 16, depth: 3}
  s3: {Stage: 32, depth: 2}
""",
}
