"""Names of Keras, PyTorch and ONNX without an operation in this language, with replacements. Data only."""

from __future__ import annotations

from typing import NamedTuple


class Instead(NamedTuple):
    """Names without an equivalent, each a text of words as in :class:`netspec.words.operation_names.Row`."""

    instead: str
    """The replacement."""
    keras: str = ""
    torch: str = ""
    functional: str = ""
    onnx: str = ""
    other: str = ""


_LOSS = "a spec has no losses: training code computes them from the network's outputs"
_PREPARED = "a spec has no preprocessing or augmentation: do it where the data are loaded"
_TEXT = "a spec has no preprocessing of texts: its input is integers, as inputs: {tokens: {shape: [128], dtype: int64}}"
_CONTAINER = "a list of layers is a chain: write the list itself, or {layers: {…}} with names"
_CODE = "a spec contains no code: write what it computes with operations (`netspec ops` lists them)"
_CELL = "a recurrent operation runs over its whole sequence: rnn, lstm or gru"
_ELEMENTWISE = "there is no such function: `netspec ops` lists the elementwise ones"
_COMPARISON = "a network computes no comparisons or logic: 'when' chooses layers before anything runs"
_CONTROL = "a spec has no control flow at run time: 'repeat', 'each' and 'when' are evaluated when it is read"
_SEQUENCES = "values are tensors: there are no sequences, optional values or texts at run time"
_QUANTISED = "quantisation follows export: the spec describes the network in floating point"
_SIGNAL = "transforms of signals are preprocessing: do them where the data are loaded"
_INDEXING = "'gather', 'take_along', 'slice', 'select' and 'split' take parts of a tensor"
_BOXES = "selection of boxes follows the network: let the spec end with scores and coordinates"
_NOISE = "noise of this kind is not part of a spec: 'dropout', 'spatial_dropout' and 'drop_path' are"
_SHAPES = "shapes are known when a spec is read: $(name.shape[0]) in an expression"
_RANDOM = "a network draws no random numbers: noise is an input (`netspec zoo show vae`), and weights have an 'init'"
_DEFORM = "'use: zoo:deform_conv' has the block 'DeformConv' (`netspec zoo show dcn`)"
_TRANSFORMER = "write the block once: attention, add, layer_norm and two dense layers (`netspec zoo show bert`)"
_PREVIOUS = "a similarity of outputs: 'l2_normalize' and 'matmul' or {multiply: …} with 'sum' compute it"
_GRID = "sampling at computed positions is 'grid_sample'; 'upsample', 'crop' and 'pad' have fixed positions"
_PATCHES = "patches by a convolution whose stride is its kernel: {conv2d: 768, kernel: 16, stride: 16}"
_SHRINK = "there is no such activation: 'relu', 'leaky_relu', 'softsign' and 'clamp' are near to it"
_REDUCE = "reductions are 'mean', 'sum' and 'max'; with 'square', 'sqrt', 'exp' and 'log' they make up the others"

ROWS: tuple[Instead, ...] = (
    Instead(
        _LOSS,
        torch="AdaptiveLogSoftmaxWithLoss BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss "
        "GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss "
        "MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d "
        "PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss",
        functional="binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss cross_entropy ctc_loss "
        "gaussian_nll_loss hinge_embedding_loss huber_loss kl_div l1_loss linear_cross_entropy margin_ranking_loss "
        "mse_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss nll_loss poisson_nll_loss "
        "smooth_l1_loss soft_margin_loss triplet_margin_loss triplet_margin_with_distance_loss",
        onnx="NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss",
        other="loss",
    ),
    Instead("a spec has no regularisation by losses: training code adds them", keras="ActivityRegularization"),
    Instead(
        _CONTAINER,
        torch="Container Module ModuleDict ModuleList Sequential",
        keras="Wrapper",
        other="model",
    ),
    Instead("{parameter: shape} is one learned tensor; give each a name", torch="ParameterDict ParameterList"),
    Instead("a spec does not say where it runs: training code does", torch="DataParallel"),
    Instead(_CODE, keras="Lambda Layer FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper", other="lambda_layer function"),
    Instead(_CELL, keras="GRUCell LSTMCell SimpleRNNCell", torch="GRUCell LSTMCell RNNBase RNNCell RNNCellBase"),
    Instead("{lstm: …, num_layers: 2} stacks layers, and so do gru and rnn", keras="StackedRNNCells"),
    Instead(
        "write {lstm: …, bidirectional: true}, or gru, or rnn: both directions are concatenated", keras="Bidirectional"
    ),
    Instead(
        "'dense' works at every position of a sequence, and `over: frames` runs any layer at each position of an axis",
        keras="TimeDistributed",
    ),
    Instead("there is no convolutional recurrence", keras="ConvLSTM{n}D"),
    Instead("the key 'input' of the spec is its input: input: [3, 224, 224]", keras="InputLayer Input", other="inputs"),
    Instead(
        "an activation by its name is a layer, too: 'relu'; or activation: relu on another layer", keras="Activation"
    ),
    Instead(
        "'einsum' of the input and a 'parameter' computes it, or 'dense' along an 'axis'",
        keras="EinsumDense",
    ),
    Instead("{dense: …, share: …} reuses weights of the same name and shape", keras="ReversibleEmbedding"),
    Instead("three 'dense' layers, then 'dot_product_attention' with 'kv_heads'", keras="GroupQueryAttention"),
    Instead("attention scores are scaled products: 'attention', 'dot_product_attention'", keras="AdditiveAttention"),
    Instead("masks are inputs here: mask: name on 'attention'", keras="Masking"),
    Instead(
        '{rearrange: "c -> n c", n: 4} repeats a vector, {rearrange: "c -> (c n)", n: 4} each of its values',
        keras="RepeatVector",
        onnx="Tile",
        functional="tile repeat repeat_interleave",
    ),
    Instead(
        "the smaller of two: {rescale: -1} before and after 'maximum'",
        keras="Minimum",
        functional="minimum",
    ),
    Instead(
        _NOISE,
        keras="AlphaDropout GaussianDropout GaussianNoise",
        torch="AlphaDropout FeatureAlphaDropout",
        functional="alpha_dropout feature_alpha_dropout gumbel_softmax",
    ),
    Instead("fixed statistics: {rescale: [factors], offset: [offsets]}", keras="Normalization"),
    Instead("{instance_norm, affine: false} normalises each example", onnx="MeanVarianceNormalization"),
    Instead(
        _PREPARED,
        keras="Pipeline AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization "
        "MaxNumBoundingBoxes MixUp RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
        "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale "
        "RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness "
        "RandomShear RandomTranslation RandomZoom Solarization",
        onnx="ImageDecoder",
        other="augmentation random_crop random_flip",
    ),
    Instead(
        _TEXT,
        keras="CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization",
        onnx="RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer",
        other="tokenizer",
    ),
    Instead(
        _SIGNAL,
        keras="MelSpectrogram STFTSpectrogram",
        onnx="BlackmanWindow HammingWindow HannWindow MelWeightMatrix STFT",
    ),
    Instead(
        "'cosine similarity' and distances: " + _PREVIOUS,
        torch="CosineSimilarity PairwiseDistance",
        functional="cosine_similarity pairwise_distance pdist",
    ),
    Instead("'embedding', then 'mean' or 'sum' along the sequence", torch="EmbeddingBag", functional="embedding_bag"),
    Instead(_PATCHES, other="patch_embed patchify"),
    Instead(
        "windows at random positions have no operation: 'max_pool2d' and 'max_pool3d' have fixed ones",
        torch="FractionalMaxPool2d FractionalMaxPool3d",
        functional="fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d "
        "fractional_max_pool3d_with_indices",
    ),
    Instead(
        "only 'lp_pool2d' exists: 'unsqueeze' an axis, or use 'avg_pool1d' or 'avg_pool3d'",
        torch="LPPool1d LPPool3d",
        functional="lp_pool1d lp_pool3d",
    ),
    Instead(
        "only 'max_unpool2d' exists: 'unsqueeze' an axis, or use 'upsample'",
        torch="MaxUnpool1d MaxUnpool3d",
        functional="max_unpool1d max_unpool3d",
    ),
    Instead("the root of the mean of the powers: 'lp_pool2d' over windows", onnx="GlobalLpPool"),
    Instead(
        _SHRINK,
        keras="hard_shrink soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink threshold",
        torch="Hardshrink RReLU Softshrink Tanhshrink Threshold",
        functional="hardshrink rrelu rrelu_ softshrink tanhshrink threshold threshold_",
        onnx="Shrink ThresholdedRelu Hardmax",
    ),
    Instead("'sigmoid', then 'log'", keras="log_sigmoid", torch="LogSigmoid", functional="logsigmoid"),
    Instead("{rescale: -1}, then 'softmax'", torch="Softmin", functional="softmin"),
    Instead(
        "'silu' of one half times the other: 'split', 'silu' and 'multiply'; or 'glu'",
        onnx="SwiGLU",
        other="swiglu geglu reglu",
    ),
    Instead(
        _TRANSFORMER,
        torch="Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
        other="transformer_block encoder_layer decoder_layer",
    ),
    Instead(
        _GRID,
        functional="affine_grid",
        onnx="AffineGrid MaxRoiPool",
        other="roi_pool spatial_transformer",
    ),
    Instead(_DEFORM, onnx="DeformConv", other="deformable_conv deform_conv2d"),
    Instead("'conv1d' on channels by length, with 'permute' around it", functional="conv_tbc"),
    Instead("'dense' or 'matmul' in floating point", functional="grouped_mm scaled_grouped_mm scaled_mm"),
    Instead("a fixed matrix is a buffer: {buffer: [n, n], init: identity}", functional="eye", onnx="EyeLike"),
    Instead(
        "an internal function of PyTorch, which no layer needs",
        functional="assert_int_or_pair boolean_dispatch handle_torch_function has_torch_function "
        "has_torch_function_unary has_torch_function_variadic",
    ),
    Instead(
        _ELEMENTWISE,
        onnx="Acos Acosh Asin Asinh Atan Atanh Ceil Cosh CumProd Det Floor IsInf IsNaN Mod Reciprocal Round Sinh Pow",
        functional="pow floor ceil round reciprocal",
    ),
    Instead(
        _COMPARISON,
        onnx="And BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Equal Greater GreaterOrEqual Less LessOrEqual "
        "Not Or Where Xor",
        functional="where masked_fill",
    ),
    Instead(_CONTROL, onnx="If Loop Scan"),
    Instead(
        _SEQUENCES,
        onnx="ConcatFromSequence Optional OptionalGetElement OptionalHasElement SequenceAt SequenceConstruct "
        "SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence",
    ),
    Instead(
        _QUANTISED,
        onnx="ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul "
        "QuantizeLinear",
    ),
    Instead(
        _INDEXING,
        onnx="Compress GatherND NonZero ReverseSequence ScatterND TensorScatter Trilu Unique",
        functional="tril triu",
    ),
    Instead(_BOXES, onnx="NonMaxSuppression", other="nms"),
    Instead(_SHAPES, onnx="Shape Size ConstantOfShape Range", functional="size shape"),
    Instead(
        _RANDOM,
        onnx="Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike",
        other="random noise rand randn",
    ),
    Instead(
        "'cast' converts values, and nothing reads their bits as another type",
        onnx="BitCast",
    ),
    Instead(_REDUCE, onnx="ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare"),
    Instead(
        "positions are tensors that are added, {parameter: [positions, features]}, or 'rotary' turns queries and keys",
        other="positional_encoding",
    ),
    Instead(
        "attention over states has no operation: 'attention', 'dot_product_attention', 'rnn'",
        onnx="LinearAttention CausalConvWithState",
    ),
)
