// Registers all layers and activations that compute like Keras, if those of tfjs do not or are
// missing.
import './activation/keras-activations.ts';
import './image/keras-center-crop.ts';
import './convolution/keras-conv-2d.ts';
import './convolution/keras-depthwise-conv-2d.ts';
import './activation/keras-elu.ts';
import './keras-global-pooling.ts';
import './keras-layer-scale.ts';
import './keras-normalization.ts';
import './activation/keras-relu.ts';
import './image/keras-resizing.ts';
import './image/keras-reverse-channels.ts';
import './activation/keras-softmax.ts';
import './image/keras-up-sampling-2d.ts';
import './activation/prelu.ts';
import './convolution/separable-conv-2d.ts';
