// Registers all layers and activations that compute as Keras does where tfjs's own do not, or that tfjs lacks.
import './keras-activations.ts';
import './keras-center-crop.ts';
import './keras-conv-2d.ts';
import './keras-depthwise-conv-2d.ts';
import './keras-elu.ts';
import './keras-global-pooling.ts';
import './keras-normalization.ts';
import './keras-relu.ts';
import './keras-resizing.ts';
import './keras-softmax.ts';
import './keras-up-sampling-2d.ts';
import './prelu.ts';
import './separable-conv-2d.ts';
