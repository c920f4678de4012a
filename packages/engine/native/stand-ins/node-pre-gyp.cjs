// Stands in for '@mapbox/node-pre-gyp', of which tfjs-node-gpu uses only `find` at run time, to
// locate its binding. The dependencies of the real package are only for downloads at installation.
const { dirname, join } = require('node:path');

exports.find = (manifestFile) => join(dirname(manifestFile), 'lib', 'napi-v8', 'tfjs_binding.node');
