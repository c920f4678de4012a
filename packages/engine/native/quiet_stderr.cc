// Silences file descriptor 2 while TensorFlow's libraries are loaded: their static initialisers log through absl before any
// level (TF_CPP_MIN_LOG_LEVEL) is read, and Node has no dup2. Exports mute() and restore(); both are safe to call twice.

#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <unistd.h>

static int saved_stderr = -1;

static napi_value Mute(napi_env, napi_callback_info) {
  if (saved_stderr != -1) return nullptr;
  int null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null_device == -1) return nullptr;
  fflush(stderr);
  saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (saved_stderr != -1) dup2(null_device, STDERR_FILENO);
  close(null_device);
  return nullptr;
}

static napi_value Restore(napi_env, napi_callback_info) {
  if (saved_stderr == -1) return nullptr;
  fflush(stderr);
  dup2(saved_stderr, STDERR_FILENO);
  close(saved_stderr);
  saved_stderr = -1;
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value mute, restore;
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, Mute, nullptr, &mute);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &restore);
  napi_set_named_property(env, exports, "mute", mute);
  napi_set_named_property(env, exports, "restore", restore);
  return exports;
}
