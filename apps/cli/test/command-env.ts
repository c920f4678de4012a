/**
 * The environment of the tests for a command that they start.
 *
 * Without TensorFlow's log level: the engine sets it when it is loaded, which a test file in this
 * process may have done, and a command that inherits it shows TensorFlow's greeting.
 *
 * @param own variables that are added; undefined removes one
 */
export function commandEnv(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined, ...own };
}
