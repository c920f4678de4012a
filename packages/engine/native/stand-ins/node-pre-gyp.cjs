// Stands in for the package '@mapbox/node-pre-gyp', of which tfjs-node-gpu uses `find` at run time: the file of its binding. What the real
// one pulls in is for downloads at installation.
const { dirname, join } = require('node:path');

exports.find = (manifestFile) => join(dirname(manifestFile), 'lib', 'napi-v8', 'tfjs_binding.node');
