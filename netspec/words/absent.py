"""Names of Keras, PyTorch and ONNX that have no operation here, with what to do instead. Data only."""

from __future__ import annotations

from typing import NamedTuple


class Absent(NamedTuple):
    """Names without an equivalent, each a text of words as in :class:`netspec.words.operations.Row`."""

    instead: str
    """What to do instead."""
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
_INDEXING = "only {gather: axis, index: layer}, 'slice', 'select' and 'split' take parts of a tensor"
_BOXES = "selection of boxes follows the network: let the spec end with scores and coordinates"
_NOISE = "noise of this kind is not part of a spec: 'dropout', 'spatial_dropout' and 'drop_path' are"
_SHAPES = "shapes are known when a spec is read: $(name.shape[0]) in an expression"
_RANDOM = "a network draws no random numbers; weights have initialisers, as init: {normal: 0.02}"
_TRANSFORMER = "write the block once: attention, add, layer_norm and two dense layers (`netspec zoo show bert`)"
_PREVIOUS = "a similarity of outputs: 'l2_normalize' and 'matmul' or {multiply: …} with 'sum' compute it"
_GRID = "sampling at computed positions has no operation; 'upsample', 'crop' and 'pad' have fixed positions"
_PATCHES = "patches by a convolution whose stride is its kernel: {conv2d: 768, kernel: 16, stride: 16}"
_SHRINK = "there is no such activation: 'relu', 'leaky_relu', 'softsign' and 'clamp' are near to it"
_REDUCE = "reductions are 'mean', 'sum' and 'max'; with 'square', 'sqrt', 'exp' and 'log' they make up the others"

ROWS: tuple[Absent, ...] = (
    Absent(
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
    Absent("a spec has no regularisation by losses: training code adds them", keras="ActivityRegularization"),
    Absent(
        _CONTAINER,
        torch="Container Module ModuleDict ModuleList Sequential",
        keras="Wrapper",
        other="model",
    ),
    Absent("{parameter: shape} is one learned tensor; give each a name", torch="ParameterDict ParameterList"),
    Absent("a spec does not say where it runs: training code does", torch="DataParallel"),
    Absent(_CODE, keras="Lambda Layer FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper", other="lambda_layer function"),
    Absent(_CELL, keras="GRUCell LSTMCell SimpleRNNCell", torch="GRUCell LSTMCell RNNBase RNNCell RNNCellBase"),
    Absent("{lstm: …, num_layers: 2} stacks layers, and so do gru and rnn", keras="StackedRNNCells"),
    Absent(
        "write {lstm: …, bidirectional: true}, or gru, or rnn: both directions are concatenated", keras="Bidirectional"
    ),
    Absent(
        "operations such as 'dense' work at every position of a sequence, so that no wrapper is needed",
        keras="TimeDistributed",
    ),
    Absent("there is no convolutional recurrence", keras="ConvLSTM{n}D"),
    Absent("the weights are used as they are: there is no spectral normalisation", keras="SpectralNormalization"),
    Absent("the key 'input' of the spec is its input: input: [3, 224, 224]", keras="InputLayer Input", other="inputs"),
    Absent(
        "an activation by its name is a layer, too: 'relu'; or activation: relu on another layer", keras="Activation"
    ),
    Absent(
        "'dense' along an 'axis', 'permute', 'reshape' and 'matmul' compute it",
        keras="EinsumDense",
        onnx="Einsum",
        functional="einsum",
    ),
    Absent("{dense: …, share: …} reuses weights of the same name and shape", keras="ReversibleEmbedding"),
    Absent("'attention' has as many key and value heads as query heads", keras="GroupQueryAttention"),
    Absent("attention scores are scaled products: 'attention', 'dot_product_attention'", keras="AdditiveAttention"),
    Absent("masks are inputs here: mask: name on 'attention'", keras="Masking"),
    Absent(
        "{expand: [n, -1]} after {unsqueeze: 0} repeats a vector n times",
        keras="RepeatVector",
        onnx="Tile",
        functional="tile repeat repeat_interleave",
    ),
    Absent(
        "the smaller of two: {rescale: -1} before and after 'maximum'",
        keras="Minimum",
        onnx="Min",
        functional="minimum",
    ),
    Absent(
        _NOISE,
        keras="AlphaDropout GaussianDropout GaussianNoise",
        torch="AlphaDropout FeatureAlphaDropout",
        functional="alpha_dropout feature_alpha_dropout gumbel_softmax",
    ),
    Absent("fixed statistics: {rescale: [factors], offset: [offsets]}", keras="Normalization"),
    Absent("{instance_norm, affine: false} normalises each example", onnx="MeanVarianceNormalization"),
    Absent(
        _PREPARED,
        keras="Pipeline AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization "
        "MaxNumBoundingBoxes MixUp RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
        "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale "
        "RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness "
        "RandomShear RandomTranslation RandomZoom Solarization",
        onnx="ImageDecoder",
        other="augmentation random_crop random_flip",
    ),
    Absent(
        _TEXT,
        keras="CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization",
        onnx="RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer",
        other="tokenizer",
    ),
    Absent(
        _SIGNAL,
        keras="MelSpectrogram STFTSpectrogram",
        onnx="BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT",
    ),
    Absent(
        "'cosine similarity' and distances: " + _PREVIOUS,
        torch="CosineSimilarity PairwiseDistance",
        functional="cosine_similarity pairwise_distance pdist",
    ),
    Absent("'embedding', then 'mean' or 'sum' along the sequence", torch="EmbeddingBag", functional="embedding_bag"),
    Absent(_PATCHES, torch="Fold Unfold", functional="fold unfold", onnx="Col2Im", other="patch_embed patchify im2col"),
    Absent(
        "windows at random positions have no operation: 'max_pool2d' and 'max_pool3d' have fixed ones",
        torch="FractionalMaxPool2d FractionalMaxPool3d",
        functional="fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d "
        "fractional_max_pool3d_with_indices",
    ),
    Absent(
        "only 'lp_pool2d' exists: 'unsqueeze' an axis, or use 'avg_pool1d' or 'avg_pool3d'",
        torch="LPPool1d LPPool3d",
        functional="lp_pool1d lp_pool3d",
    ),
    Absent(
        "only 'max_unpool2d' exists: 'unsqueeze' an axis, or use 'upsample'",
        torch="MaxUnpool1d MaxUnpool3d",
        functional="max_unpool1d max_unpool3d",
    ),
    Absent("the root of the mean of the powers: 'lp_pool2d' over windows", onnx="GlobalLpPool"),
    Absent(
        _SHRINK,
        keras="hard_shrink soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink threshold",
        torch="Hardshrink RReLU Softshrink Tanhshrink Threshold",
        functional="hardshrink rrelu rrelu_ softshrink tanhshrink threshold threshold_",
        onnx="Shrink ThresholdedRelu Hardmax",
    ),
    Absent("'sigmoid', then 'log'", keras="log_sigmoid", torch="LogSigmoid", functional="logsigmoid"),
    Absent("{rescale: -1}, then 'softmax'", torch="Softmin", functional="softmin"),
    Absent(
        "'silu' of one half times the other: 'split', 'silu' and 'multiply'; or 'glu'",
        onnx="SwiGLU",
        other="swiglu geglu reglu",
    ),
    Absent(
        _TRANSFORMER,
        torch="Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
        other="transformer_block encoder_layer decoder_layer",
    ),
    Absent(
        _GRID,
        functional="affine_grid grid_sample",
        onnx="AffineGrid GridSample DeformConv RoiAlign MaxRoiPool",
        other="roi_align roi_pool deformable_conv deform_conv2d spatial_transformer",
    ),
    Absent("'conv1d' on channels by length, with 'permute' around it", functional="conv_tbc"),
    Absent("'dense' or 'matmul' in floating point", functional="grouped_mm scaled_grouped_mm scaled_mm"),
    Absent("integers are embedded: {embedding: vocabulary, width: …}", functional="one_hot", onnx="OneHot EyeLike"),
    Absent(
        "an internal function of PyTorch, which no layer needs",
        functional="assert_int_or_pair boolean_dispatch handle_torch_function has_torch_function "
        "has_torch_function_unary has_torch_function_variadic",
    ),
    Absent(
        _ELEMENTWISE,
        onnx="Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh CumProd CumSum Det Erf Floor IsInf IsNaN Mod Reciprocal "
        "Round Sign Sin Sinh Tan Pow",
        functional="pow sin cos erf floor ceil round sign reciprocal cumsum",
    ),
    Absent(
        _COMPARISON,
        onnx="And BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Equal Greater GreaterOrEqual Less LessOrEqual "
        "Not Or Where Xor",
        functional="where masked_fill",
    ),
    Absent(_CONTROL, onnx="If Loop Scan"),
    Absent(
        _SEQUENCES,
        onnx="ConcatFromSequence Optional OptionalGetElement OptionalHasElement SequenceAt SequenceConstruct "
        "SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence",
    ),
    Absent(
        _QUANTISED,
        onnx="ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul "
        "QuantizeLinear",
    ),
    Absent(
        _INDEXING,
        onnx="ArgMax ArgMin Compress GatherElements GatherND NonZero ReverseSequence Scatter ScatterElements ScatterND "
        "TensorScatter TopK Trilu Unique",
        functional="argmax topk scatter flip tril triu",
    ),
    Absent(_BOXES, onnx="NonMaxSuppression", other="nms"),
    Absent(_SHAPES, onnx="Shape Size ConstantOfShape Range", functional="size shape"),
    Absent(_RANDOM, onnx="Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike"),
    Absent(
        "element types follow from the inputs: inputs: {x: {shape: […], dtype: int64}}",
        onnx="BitCast Cast CastLike",
        functional="to type float",
    ),
    Absent(_REDUCE, onnx="ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMin ReduceProd ReduceSumSquare"),
    Absent(
        "queries and keys are not rotated; positions can be tensors that are added: {parameter: [positions, features]}",
        onnx="RotaryEmbedding",
        other="rope rotary positional_encoding",
    ),
    Absent(
        "attention over states has no operation: 'attention', 'dot_product_attention', 'rnn'",
        onnx="LinearAttention CausalConvWithState",
    ),
)
