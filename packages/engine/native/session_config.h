// Included before the sources of the binding (option -include of the compiler). The binding loads each graph with TensorFlow's
// default configuration. Here, a file session_config.pb next to the SavedModel, a tensorflow.ConfigProto, replaces the default.

#ifndef FIXRES_SESSION_CONFIG_H_
#define FIXRES_SESSION_CONFIG_H_

#include <fstream>
#include <iterator>
#include <string>

#include "tensorflow/c/c_api.h"

inline TF_Session* LoadConfiguredSession(const TF_SessionOptions* defaults, const TF_Buffer* run_options, const char* export_dir,
                                         const char* const* tags, int tags_len, TF_Graph* graph, TF_Buffer* meta_graph_def,
                                         TF_Status* status) {
  std::ifstream file(std::string(export_dir) + "/session_config.pb", std::ios::binary);
  if (!file) return TF_LoadSessionFromSavedModel(defaults, run_options, export_dir, tags, tags_len, graph, meta_graph_def, status);
  const std::string config{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, config.data(), config.size(), status);
  TF_Session* session = nullptr;
  if (TF_GetCode(status) == TF_OK)
    session = TF_LoadSessionFromSavedModel(options, run_options, export_dir, tags, tags_len, graph, meta_graph_def, status);
  TF_DeleteSessionOptions(options);
  return session;
}

#define TF_LoadSessionFromSavedModel LoadConfiguredSession

#endif  // FIXRES_SESSION_CONFIG_H_
