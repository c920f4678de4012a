// Makes glibc's malloc keep freed memory for the next step instead of returning it to the kernel, which must clear every page that
// it gives out again. Exports renew(bytes): gives back what is free now, sets the options (mallopt(3)), and reserves address space
// on the heap for huge pages. Returns the bytes reserved, or undefined if malloc is not glibc's.

#include <malloc.h>
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__

static bool IsUnlimited(int resource) {
  struct rlimit limit;
  return getrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

// Extends the heap with memory that nothing has touched yet, so it takes no memory until it is used. The kernel then backs it with
// huge pages at first use. Without the reserve, each extension of the heap would be a new mapping without huge pages.
static uint64_t Reserve(uint64_t bytes) {
  if (bytes == 0 || !IsUnlimited(RLIMIT_AS) || !IsUnlimited(RLIMIT_DATA)) return 0;
  char* begin = static_cast<char*>(sbrk(0));
  // A compiler may drop an allocation whose memory is not used.
  void* volatile block = malloc(bytes);
  if (block == nullptr) return 0;
  free(block);
  char* end = static_cast<char*>(sbrk(0));
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t first = (reinterpret_cast<uintptr_t>(begin) + page - 1) / page * page;
  const uintptr_t last = reinterpret_cast<uintptr_t>(end) / page * page;
  if (last <= first || madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE) != 0) return 0;
  return last - first;
}

static napi_value Renew(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument, result;
  double bytes = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count == 1) napi_get_value_double(env, argument, &bytes);
  malloc_trim(0);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  napi_create_double(env, static_cast<double>(Reserve(static_cast<uint64_t>(bytes))), &result);
  return result;
}

#else

static napi_value Renew(napi_env, napi_callback_info) { return nullptr; }

#endif

NAPI_MODULE_INIT() {
  napi_value renew;
  napi_create_function(env, "renew", NAPI_AUTO_LENGTH, Renew, nullptr, &renew);
  napi_set_named_property(env, exports, "renew", renew);
  return exports;
}
