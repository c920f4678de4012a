// Registers TensorFlow ops for the CPU that transform tensors for 3x3 convolutions with stride 1 by Winograd's minimal filtering
// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.1). Between the transforms, a convolution
// is 36 matrix products, which TensorFlow computes. Exports register(): registers them once per process; throws TensorFlow's
// message if that fails.
//
// Activations are NHWC in float32, with a multiple of 16 channels. A tile is 4 x 4 outputs; row i of a transformed tensor
// [36, tiles, channels] has element i of the transformed tiles, tiles in the order image, row, column.

#include <node_api.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

// The part of TensorFlow's stable C API (tensorflow/c/{kernels,ops,tf_tensor,tf_status}.h) that is used. Its headers are not kept.
extern "C" {
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpDefinitionBuilder TF_OpDefinitionBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;
typedef struct TF_ShapeInferenceContext TF_ShapeInferenceContext;
typedef struct TF_Status TF_Status;
typedef struct TF_Tensor TF_Tensor;
TF_Status* TF_NewStatus();
void TF_DeleteStatus(TF_Status*);
int TF_GetCode(const TF_Status*);
const char* TF_Message(const TF_Status*);
void TF_SetStatus(TF_Status*, int code, const char* message);
TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char* name);
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*));
void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext*, TF_Status*);
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder*, TF_Status*);
TF_KernelBuilder* TF_NewKernelBuilder(const char* op, const char* device, void* (*create)(TF_OpKernelConstruction*),
                                      void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));
void TF_RegisterKernelBuilder(const char* name, TF_KernelBuilder*, TF_Status*);
void TF_OpKernelConstruction_GetAttrInt32(TF_OpKernelConstruction*, const char* name, int32_t* value, TF_Status*);
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status*);
int TF_NumInputs(TF_OpKernelContext*);
void TF_GetInput(TF_OpKernelContext*, int index, TF_Tensor**, TF_Status*);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int index, int type, const int64_t* sides, int rank, size_t bytes, TF_Status*);
TF_Tensor* TF_ForwardInputOrAllocateOutput(TF_OpKernelContext*, const int* candidates, int count, int index, const int64_t* sides, int rank,
                                           int* forwarded, TF_Status*);
void TF_DeleteTensor(TF_Tensor*);
size_t TF_TensorByteSize(const TF_Tensor*);
void* TF_TensorData(const TF_Tensor*);
int TF_NumDims(const TF_Tensor*);
int64_t TF_Dim(const TF_Tensor*, int axis);
}

namespace {

constexpr int kFloat = 1;            // TF_FLOAT
constexpr int kInvalidArgument = 3;  // TF_INVALID_ARGUMENT
constexpr int kLanes = 16;

typedef float Lanes __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

#define INLINE inline __attribute__((always_inline))

// Outputs in a tile, on each side, and elements of a transformed tile.
constexpr int kTile = 4, kSide = kTile + 2, kElements = kSide * kSide;

// The matrices of F(4, 3) by Toom and Cook's method: values at five points and at infinity. With 0, 1, -1, 2, -2, as in the paper,
// sums of numbers of different size cost digits. These are among the best of 112 pairs +-i/16, +-j/16 for random images and filters:
// the error (RMS) of a convolution is half as large, and the largest one a sixth.
struct Matrices {
  float input[kSide][kSide] = {}, filter[kSide][3] = {}, output[kTile][kSide] = {};
};

constexpr Matrices ToomCook() {
  constexpr double points[kSide - 1] = {0, 11 / 16., -11 / 16., 3 / 2., -3 / 2.};
  Matrices made;
  for (int i = 0; i < kSide; i++) {
    const bool finite = i < kSide - 1;
    // The coefficients of the product of (x - point) over the other finite points, lowest first, and its value at this point.
    double product[kSide] = {1}, value = 1;
    for (int j = 0, degree = 0; j < kSide - 1; j++) {
      if (j == i) continue;
      degree++;
      for (int k = degree; k >= 0; k--) product[k] = (k > 0 ? product[k - 1] : 0) - points[j] * (k < degree ? product[k] : 0);
      if (finite) value *= points[i] - points[j];
    }
    for (int k = 0; k < kSide; k++) made.input[i][k] = static_cast<float>(product[k]);
    double power = 1;
    for (int k = 0; k < kTile; k++) {
      if (k < 3) made.filter[i][k] = static_cast<float>(finite ? power / value : k == 2);
      made.output[k][i] = static_cast<float>(finite ? power : k == kTile - 1);
      if (finite) power *= points[i];
    }
  }
  return made;
}

constexpr Matrices kMatrices = ToomCook();

// A matrix as a type, so that its zeros and ones cost nothing.
struct InputMatrix {
  static constexpr int rows = kSide, columns = kSide;
  static constexpr float at(int i, int j) { return kMatrices.input[i][j]; }
};
struct FilterMatrix {
  static constexpr int rows = kSide, columns = 3;
  static constexpr float at(int i, int j) { return kMatrices.filter[i][j]; }
};
struct OutputMatrix {
  static constexpr int rows = kTile, columns = kSide;
  static constexpr float at(int i, int j) { return kMatrices.output[i][j]; }
};
template <class Matrix>
struct Transposed {
  static constexpr int rows = Matrix::columns, columns = Matrix::rows;
  static constexpr float at(int i, int j) { return Matrix::at(j, i); }
};

template <class Matrix, int I, int J = 0>
INLINE Lanes Row(const Lanes* x, int stride, Lanes sum) {
  if constexpr (J == Matrix::columns) {
    return sum;
  } else {
    constexpr float factor = Matrix::at(I, J);
    if constexpr (factor == 1)
      sum += x[J * stride];
    else if constexpr (factor == -1)
      sum -= x[J * stride];
    else if constexpr (factor != 0)
      sum += factor * x[J * stride];
    return Row<Matrix, I, J + 1>(x, stride, sum);
  }
}

// y = A x, for columns of stride `in` and `out`.
template <class Matrix, int I = 0>
INLINE void Times(const Lanes* x, int in, Lanes* y, int out) {
  if constexpr (I < Matrix::rows) {
    y[I * out] = Row<Matrix, I>(x, in, Lanes{});
    Times<Matrix, I + 1>(x, in, y, out);
  }
}

// y = A x A^T, row by row.
template <class Matrix>
INLINE void Both(const Lanes* x, Lanes* y) {
  constexpr int R = Matrix::rows, C = Matrix::columns;
  Lanes half[R * C];
#pragma GCC unroll 8
  for (int j = 0; j < C; j++) Times<Matrix>(x + j, C, half + j, C);
#pragma GCC unroll 8
  for (int i = 0; i < R; i++) Times<Matrix>(half + i * C, 1, y + i * R, 1);
}

// Shapes of a convolution: images of height x width outputs and channels, in tiles.
struct Images {
  int64_t count, height, width, channels;
  int64_t rows() const { return (height + kTile - 1) / kTile; }
  int64_t columns() const { return (width + kTile - 1) / kTile; }
  int64_t tiles() const { return count * rows() * columns(); }
};

struct InputJob {
  const float* x;
  float* y;
  Images images;
  int64_t height, width, top, left;  // of x, and the zeros before it
};

INLINE void TransformInput(const InputJob& job, int64_t begin, int64_t end) {
  const Images& at = job.images;
  const int64_t plane = at.tiles() * at.channels;
  for (int64_t row = begin; row < end; row++) {
    const int64_t image = row / at.rows(), top = row % at.rows() * kTile - job.top;
    const float* x = job.x + image * job.height * job.width * at.channels;
    for (int64_t column = 0; column < at.columns(); column++) {
      const int64_t left = column * kTile - job.left;
      const bool inside = top >= 0 && left >= 0 && top + kSide <= job.height && left + kSide <= job.width;
      float* y = job.y + (row * at.columns() + column) * at.channels;
      for (int64_t c = 0; c < at.channels; c += kLanes) {
        Lanes patch[kElements], out[kElements];
        if (inside) {
          const float* from = x + (top * job.width + left) * at.channels + c;
#pragma GCC unroll 8
          for (int i = 0; i < kSide; i++)
#pragma GCC unroll 8
            for (int j = 0; j < kSide; j++)
              patch[i * kSide + j] = *reinterpret_cast<const Lanes*>(from + (i * job.width + j) * at.channels);
        } else {
          for (int i = 0; i < kSide; i++)
            for (int j = 0; j < kSide; j++) {
              const int64_t h = top + i, w = left + j;
              patch[i * kSide + j] = h < 0 || w < 0 || h >= job.height || w >= job.width
                                     ? Lanes{}
                                     : *reinterpret_cast<const Lanes*>(x + (h * job.width + w) * at.channels + c);
            }
        }
        Both<InputMatrix>(patch, out);
#pragma GCC unroll 36
        for (int i = 0; i < kElements; i++) *reinterpret_cast<Lanes*>(y + i * plane + c) = out[i];
      }
    }
  }
}

struct OutputJob {
  const float* x;
  const float* bias;   // or null
  const float* scale;  // or null
  float* y;
  Images images;
  float highest;  // of the activation, if `clip`
  bool clip;
};

INLINE void TransformOutput(const OutputJob& job, int64_t begin, int64_t end) {
  const Images& at = job.images;
  const int64_t plane = at.tiles() * at.channels;
  for (int64_t row = begin; row < end; row++) {
    const int64_t image = row / at.rows(), top = row % at.rows() * kTile;
    for (int64_t column = 0; column < at.columns(); column++) {
      const float* x = job.x + (row * at.columns() + column) * at.channels;
      const int64_t left = column * kTile, high = std::min<int64_t>(kTile, at.height - top), wide = std::min<int64_t>(kTile, at.width - left);
      float* y = job.y + ((image * at.height + top) * at.width + left) * at.channels;
      for (int64_t c = 0; c < at.channels; c += kLanes) {
        Lanes tile[kElements], out[kTile * kTile];
#pragma GCC unroll 36
        for (int i = 0; i < kElements; i++) tile[i] = *reinterpret_cast<const Lanes*>(x + i * plane + c);
        Both<OutputMatrix>(tile, out);
        const Lanes bias = job.bias == nullptr ? Lanes{} : *reinterpret_cast<const Lanes*>(job.bias + c);
        const Lanes scale = job.scale == nullptr ? Lanes{} + 1 : *reinterpret_cast<const Lanes*>(job.scale + c);
        for (int i = 0; i < high; i++)
          for (int j = 0; j < wide; j++) {
            Lanes value = out[i * kTile + j] * scale + bias;
            if (job.clip) {
              // In this order NaN stays NaN.
              value = value < 0 ? Lanes{} : value;
              value = value > job.highest ? Lanes{} + job.highest : value;
            }
            *reinterpret_cast<Lanes*>(y + (i * at.width + j) * at.channels + c) = value;
          }
      }
    }
  }
}

struct GradientJob {
  const float* x;
  float* y;
  Images images;
};

INLINE void TransformGradient(const GradientJob& job, int64_t begin, int64_t end) {
  const Images& at = job.images;
  const int64_t plane = at.tiles() * at.channels;
  for (int64_t row = begin; row < end; row++) {
    const int64_t image = row / at.rows(), top = row % at.rows() * kTile;
    for (int64_t column = 0; column < at.columns(); column++) {
      float* y = job.y + (row * at.columns() + column) * at.channels;
      const int64_t left = column * kTile;
      const float* x = job.x + ((image * at.height + top) * at.width + left) * at.channels;
      for (int64_t c = 0; c < at.channels; c += kLanes) {
        Lanes tile[kTile * kTile], out[kElements];
        for (int i = 0; i < kTile; i++)
          for (int j = 0; j < kTile; j++)
            tile[i * kTile + j] = top + i < at.height && left + j < at.width
                                  ? *reinterpret_cast<const Lanes*>(x + (i * at.width + j) * at.channels + c)
                                  : Lanes{};
        Both<Transposed<OutputMatrix>>(tile, out);
#pragma GCC unroll 36
        for (int i = 0; i < kElements; i++) *reinterpret_cast<Lanes*>(y + i * plane + c) = out[i];
      }
    }
  }
}

// Of x [columns^2, plane], for each of the elements in a plane: A x A^T; in the order of a rotated filter if `rotate`.
struct FilterJob {
  const float* x;
  float* y;
  int64_t plane;
  bool rotate;
};

template <class Matrix>
INLINE void TransformFilter(const FilterJob& job, int64_t begin, int64_t end) {
  constexpr int R = Matrix::rows * Matrix::rows, C = Matrix::columns * Matrix::columns;
  for (int64_t c = begin * kLanes; c < end * kLanes; c += kLanes) {
    Lanes in[C], out[R];
#pragma GCC unroll 36
    for (int i = 0; i < C; i++) in[i] = *reinterpret_cast<const Lanes*>(job.x + (job.rotate ? C - 1 - i : i) * job.plane + c);
    Both<Matrix>(in, out);
#pragma GCC unroll 36
    for (int i = 0; i < R; i++) *reinterpret_cast<Lanes*>(job.y + i * job.plane + c) = out[i];
  }
}

// A function for each instruction set, and one that calls the best that this processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
int InstructionSet() {
  static const int best = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? 2
                          : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")       ? 1
                                                                                                  : 0;
  return best;
}
#define FOR_EACH_PROCESSOR(Name, Job, transform)                                                                                \
  __attribute__((target("avx512f,avx512vl,fma"))) void Name##Avx512(const Job& job, int64_t begin, int64_t end) {               \
    transform(job, begin, end);                                                                                                 \
  }                                                                                                                             \
  __attribute__((target("avx2,fma"))) void Name##Avx2(const Job& job, int64_t begin, int64_t end) { transform(job, begin, end); } \
  void Name##Basic(const Job& job, int64_t begin, int64_t end) { transform(job, begin, end); }                                  \
  void Name(const Job& job, int64_t begin, int64_t end) {                                                                       \
    constexpr void (*all[])(const Job&, int64_t, int64_t) = {Name##Basic, Name##Avx2, Name##Avx512};                            \
    all[InstructionSet()](job, begin, end);                                                                                     \
  }
#else
#define FOR_EACH_PROCESSOR(Name, Job, transform) \
  void Name(const Job& job, int64_t begin, int64_t end) { transform(job, begin, end); }
#endif

FOR_EACH_PROCESSOR(Input, InputJob, TransformInput)
FOR_EACH_PROCESSOR(Output, OutputJob, TransformOutput)
FOR_EACH_PROCESSOR(Gradient, GradientJob, TransformGradient)
FOR_EACH_PROCESSOR(Filter, FilterJob, TransformFilter<FilterMatrix>)
FOR_EACH_PROCESSOR(FilterGradient, FilterJob, TransformFilter<Transposed<FilterMatrix>>)

// Threads that wait for work. TensorFlow's C API does not lend its own. As many as TensorFlow takes for one op.
class Threads {
 public:
  static Threads& Shared() {
    // Never destroyed: its threads run until the process ends.
    static Threads* threads = new Threads();
    return *threads;
  }

  // Calls work(begin, end) for parts of 0 to count. The caller works too, and waits only for parts that another thread has begun:
  // the threads of TensorFlow may keep it from a core for a while. The ops of two graphs may run at once: the second works alone.
  void For(int64_t count, int64_t part, const std::function<void(int64_t, int64_t)>& work) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    if (!turn.owns_lock() || workers_ == 0 || count <= part) return work(0, count);
    const auto job = std::make_shared<Job>(work, count, part);
    std::unique_lock<std::mutex> lock(mutex_);
    job_ = job;
    lock.unlock();
    start_.notify_all();
    Take(*job);
    lock.lock();
    job_ = nullptr;
    done_.wait(lock, [&] { return job->left == 0; });
  }

 private:
  struct Job {
    Job(const std::function<void(int64_t, int64_t)>& work, int64_t count, int64_t part)
        : work(work), count(count), part(part), left((count + part - 1) / part) {}
    const std::function<void(int64_t, int64_t)>& work;  // of the caller, who waits until no part is left
    const int64_t count, part;
    std::atomic<int64_t> next{0}, left;
  };

  Threads() {
    try {
      for (const int wanted = Count() - 1; workers_ < wanted; workers_++) std::thread([this] { Run(); }).detach();
    } catch (const std::system_error&) {
      // The system allows no more threads; those that there are do the work.
    }
  }

  static int Count() {
    if (const char* threads = getenv("TF_NUM_INTRAOP_THREADS"); threads != nullptr && atoi(threads) > 0) return atoi(threads);
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
  }

  void Run() {
    std::shared_ptr<Job> last;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      start_.wait(lock, [&] { return job_ != nullptr && job_ != last; });
      last = job_;
      lock.unlock();
      Take(*last);
      lock.lock();
    }
  }

  void Take(Job& job) {
    for (int64_t begin; (begin = job.next.fetch_add(job.part)) < job.count;) {
      job.work(begin, std::min(begin + job.part, job.count));
      if (job.left.fetch_sub(1) != 1) continue;
      const std::lock_guard<std::mutex> lock(mutex_);
      done_.notify_one();
    }
  }

  int workers_ = 0;
  std::mutex turn_, mutex_;
  std::condition_variable start_, done_;
  std::shared_ptr<Job> job_;
};

// The attributes of a node; those that an op does not have are 0.
struct Attributes {
  int32_t first = 0, count = 0, top = 0, left = 0, height = 0, width = 0, rotate = 0, activation = 0, continues = 0;
};

// An op while it computes. The first failure is the op's; what follows it does nothing.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  // An input of a rank, or null.
  TF_Tensor* Input(int index, int rank) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (TF_GetCode(status_) != 0) return Fail();
    tensors_.push_back(tensor);
    return TF_NumDims(tensor) == rank ? tensor : Fail("an input has the wrong rank");
  }

  float* Allocate(const std::vector<int64_t>& shape) {
    int64_t size = 1;
    for (int64_t side : shape) size *= side;
    TF_Tensor* tensor = TF_AllocateOutput(context_, 0, kFloat, shape.data(), shape.size(), size * sizeof(float), status_);
    if (TF_GetCode(status_) != 0) Fail();
    if (tensor == nullptr) return nullptr;
    tensors_.push_back(tensor);
    return static_cast<float*>(TF_TensorData(tensor));
  }

  // The output [n, h, w, channels]: an input whose memory no other op uses any more, or else a copy of it.
  TF_Tensor* TakeOver(int index, TF_Tensor* before) {
    int64_t shape[4];
    for (int axis = 0; axis < 4; axis++) shape[axis] = TF_Dim(before, axis);
    int forwarded = -1;
    TF_Tensor* tensor = TF_ForwardInputOrAllocateOutput(context_, &index, 1, 0, shape, 4, &forwarded, status_);
    if (TF_GetCode(status_) != 0) return Fail();
    tensors_.push_back(tensor);
    if (forwarded != index) memcpy(TF_TensorData(tensor), TF_TensorData(before), TF_TensorByteSize(before));
    return tensor;
  }

  bool Has(TF_Tensor* images, const Attributes& with) {
    const bool has = with.first >= 0 && with.first + with.count <= TF_Dim(images, 0);
    if (!has) Fail("the images of a part are not in the batch");
    return has;
  }

  TF_Tensor* Fail(const char* message = nullptr) {
    if (message != nullptr) TF_SetStatus(status_, kInvalidArgument, (std::string("Winograd: ") + message).c_str());
    TF_OpKernelContext_Failure(context_, status_);
    return nullptr;
  }

  bool HasLanes(int64_t size) {
    if (size % kLanes != 0) Fail("the number of channels must be a multiple of 16");
    return size % kLanes == 0;
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

float* Floats(TF_Tensor* tensor) { return static_cast<float*>(TF_TensorData(tensor)); }

// An image of [n, h, w, channels].
float* Image(TF_Tensor* tensor, int64_t index) { return Floats(tensor) + index * TF_Dim(tensor, 1) * TF_Dim(tensor, 2) * TF_Dim(tensor, 3); }

// `count` of the images [n, h, w, channels], from `first` on, to [36, tiles, channels], for `height` x `width` outputs.
void ComputeInput(void* kernel, TF_OpKernelContext* context) {
  const auto& with = *static_cast<Attributes*>(kernel);
  Call call(context);
  TF_Tensor* x = call.Input(0, 4);
  if (x == nullptr || !call.HasLanes(TF_Dim(x, 3))) return;
  if (!call.Has(x, with)) return;
  const Images images{with.count, with.height, with.width, TF_Dim(x, 3)};
  float* y = call.Allocate({kElements, images.tiles(), images.channels});
  if (y == nullptr) return;
  const InputJob job{Image(x, with.first), y, images, TF_Dim(x, 1), TF_Dim(x, 2), with.top, with.left};
  Threads::Shared().For(images.count * images.rows(), 1, [&](int64_t begin, int64_t end) { Input(job, begin, end); });
}

// [36, tiles, channels] to images of [count, height, width, channels] from `first` on, times a scale [channels], plus a bias
// [channels], and an activation, if there are any. The first part of a batch makes the output; the others continue it.
void ComputeOutput(void* kernel, TF_OpKernelContext* context) {
  const auto& with = *static_cast<Attributes*>(kernel);
  Call call(context);
  TF_Tensor* x = call.Input(0, 3);
  if (x == nullptr || !call.HasLanes(TF_Dim(x, 2))) return;
  Images images{1, with.height, with.width, TF_Dim(x, 2)};
  images.count = TF_Dim(x, 1) / images.tiles();
  const int last = TF_NumInputs(context) - with.continues;
  const float* perChannel[2] = {nullptr, nullptr};
  for (int i = 1; i < last; i++) {
    TF_Tensor* one = call.Input(i, 1);
    if (one == nullptr) return;
    if (TF_Dim(one, 0) != images.channels) {
      call.Fail("a bias or scale has another number of channels");
      return;
    }
    perChannel[i - 1] = Floats(one);
  }
  const std::vector<int64_t> shape{with.count, with.height, with.width, images.channels};
  float* y = nullptr;
  if (with.continues == 0) {
    y = call.Allocate(shape);
  } else if (TF_Tensor* before = call.Input(last, 4); before != nullptr) {
    for (int axis = 0; axis < 4; axis++)
      if (TF_Dim(before, axis) != shape[axis]) {
        call.Fail("the parts of a batch have other shapes");
        return;
      }
    TF_Tensor* taken = call.TakeOver(last, before);
    y = taken == nullptr ? nullptr : Floats(taken);
  }
  if (y == nullptr) return;
  y += with.first * with.height * with.width * images.channels;
  // 1 is ReLU, 6 is ReLU6.
  const float highest = with.activation == 6 ? 6.f : __builtin_inff();
  const OutputJob job{Floats(x), perChannel[0], perChannel[1], y, images, highest, with.activation != 0};
  Threads::Shared().For(images.count * images.rows(), 1, [&](int64_t begin, int64_t end) { Output(job, begin, end); });
}

// The gradient of the convolution's result [n, h, w, channels] to that of the products, [36, tiles, channels], for `count` images.
void ComputeGradient(void* kernel, TF_OpKernelContext* context) {
  const auto& with = *static_cast<Attributes*>(kernel);
  Call call(context);
  TF_Tensor* x = call.Input(0, 4);
  if (x == nullptr || !call.HasLanes(TF_Dim(x, 3))) return;
  if (!call.Has(x, with)) return;
  const Images images{with.count, TF_Dim(x, 1), TF_Dim(x, 2), TF_Dim(x, 3)};
  float* y = call.Allocate({kElements, images.tiles(), images.channels});
  if (y == nullptr) return;
  const GradientJob job{Image(x, with.first), y, images};
  Threads::Shared().For(images.count * images.rows(), 1, [&](int64_t begin, int64_t end) { Gradient(job, begin, end); });
}

constexpr int64_t kFilterPart = 64;

// A filter [3, 3, in, out] to [36, in, out].
void ComputeFilter(void* kernel, TF_OpKernelContext* context) {
  const auto& with = *static_cast<Attributes*>(kernel);
  Call call(context);
  TF_Tensor* x = call.Input(0, 4);
  if (x == nullptr || !call.HasLanes(TF_Dim(x, 3))) return;
  const int64_t plane = TF_Dim(x, 2) * TF_Dim(x, 3);
  float* y = call.Allocate({kElements, TF_Dim(x, 2), TF_Dim(x, 3)});
  if (y == nullptr) return;
  const FilterJob job{Floats(x), y, plane, with.rotate != 0};
  Threads::Shared().For(plane / kLanes, kFilterPart, [&](int64_t begin, int64_t end) { Filter(job, begin, end); });
}

// The gradient of a transformed filter [36, in, out] to that of the filter, [3, 3, in, out].
void ComputeFilterGradient(void* kernel, TF_OpKernelContext* context) {
  const auto& with = *static_cast<Attributes*>(kernel);
  Call call(context);
  TF_Tensor* x = call.Input(0, 3);
  if (x == nullptr || !call.HasLanes(TF_Dim(x, 2))) return;
  const int64_t plane = TF_Dim(x, 1) * TF_Dim(x, 2);
  float* y = call.Allocate({3, 3, TF_Dim(x, 1), TF_Dim(x, 2)});
  if (y == nullptr) return;
  const FilterJob job{Floats(x), y, plane, false};
  Threads::Shared().For(plane / kLanes, kFilterPart, [&](int64_t begin, int64_t end) { FilterGradient(job, begin, end); });
}

void* Create(TF_OpKernelConstruction* construction) {
  auto* with = new Attributes();
  TF_Status* status = TF_NewStatus();
  const std::pair<const char*, int32_t*> all[] = {
      {"first", &with->first},   {"count", &with->count},   {"top", &with->top},
      {"left", &with->left},
      {"height", &with->height}, {"width", &with->width},   {"rotate", &with->rotate},
      {"activation", &with->activation},
      {"continues", &with->continues}};
  for (const auto& [name, value] : all) {
    TF_OpKernelConstruction_GetAttrInt32(construction, name, value, status);
    // An op has only some of them.
    if (TF_GetCode(status) != 0) *value = 0;
  }
  TF_DeleteStatus(status);
  return with;
}

void Destroy(void* kernel) { delete static_cast<Attributes*>(kernel); }

struct Op {
  const char* name;
  std::vector<const char*> inputs, attributes;
  void (*compute)(void*, TF_OpKernelContext*);
};

// Registers all ops; TensorFlow's message if that fails.
std::string RegisterAll() {
  const Op ops[] = {
      {"FixresWinogradInput",
       {"x: float"},
       {"first: int", "count: int", "top: int", "left: int", "height: int", "width: int"},
       ComputeInput},
      // After x: a bias, then a scale; then the output so far.
      {"FixresWinogradOutput",
       {"x: float", "channels: given * float", "before: continues * float"},
       {"given: int >= 0", "continues: int >= 0", "first: int", "count: int", "height: int", "width: int", "activation: int"},
       ComputeOutput},
      {"FixresWinogradGradient", {"x: float"}, {"first: int", "count: int"}, ComputeGradient},
      {"FixresWinogradFilter", {"x: float"}, {"rotate: int"}, ComputeFilter},
      {"FixresWinogradFilterGradient", {"x: float"}, {}, ComputeFilterGradient},
  };
  TF_Status* status = TF_NewStatus();
  std::string failed;
  for (const Op& op : ops) {
    TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op.name);
    for (const char* input : op.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
    for (const char* attribute : op.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
    TF_OpDefinitionBuilderAddOutput(builder, "y: float");
    TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, TF_ShapeInferenceContextSetUnknownShape);
    TF_RegisterOpDefinition(builder, status);
    if (TF_GetCode(status) == 0)
      TF_RegisterKernelBuilder(op.name, TF_NewKernelBuilder(op.name, "CPU", Create, op.compute, Destroy), status);
    if (TF_GetCode(status) != 0 && failed.empty()) failed = TF_Message(status);
  }
  TF_DeleteStatus(status);
  return failed;
}

napi_value Register(napi_env env, napi_callback_info) {
  // TensorFlow's list of ops is that of the process, and each thread of Node loads the addon.
  static const std::string failed = RegisterAll();
  if (!failed.empty()) napi_throw_error(env, nullptr, failed.c_str());
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "register", NAPI_AUTO_LENGTH, Register, nullptr, &function);
  napi_set_named_property(env, exports, "register", function);
  return exports;
}
