// A network to train, as a static graph: operations on matrices of fixed shapes, built once and run many
// times.
//
//   Graph graph;
//   const Integers ids = graph.integers(rows), targets = graph.integers(rows);
//   const Tensor x = embedding(graph, ids, "wte", vocabulary, width);          operations.hpp
//   const Tensor loss = cross_entropy(graph, linear(graph, x, "lm_head", vocabulary, {}), targets);
//   graph.plan(loss, pool);                     every byte is taken here
//   graph.forward(); graph.backward();          these allocate nothing
//
// Order. forward() runs the operations as they were appended, backward() those that the loss depends on, the
// other way round. The last consumer of a tensor comes first there and sets its gradient, the others add to
// it; who that is was settled by plan(), so no gradient of a tensor has to be cleared. Gradients of
// parameters are cleared and then added to: a parameter may serve many operations (tied embeddings).
//
// Memory. One block each for values and what operations keep, for gradients of values, for parameters, for
// their gradients, for whole numbers, and one scratch that operations use in turn. A value's gradient lives
// from the last consumer of the value to its operation, the other way round; others lie there before and
// after. Parameters and their
// gradients have the same layout, in which the gaps are zero: an optimizer, a norm or a sum goes over them
// as one array. Optimizers own their state.
//
// Names. A parameter has the name and shape that Hugging Face gives it ("h.0.attn.c_attn.weight"), so a
// checkpoint is a list of them. An operation on parameters is called by their common prefix.
//
// Threads. The pool shares pieces of an operation that do not depend on the number of threads; every number
// is a chain in one order, or the sum of the pieces' partial sums in their order. So do bits.
//
// Errors. Building goes on after a mistake with tensors that do not exist; the first one is what plan()
// returns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "limelight/memory.hpp"
#include "limelight/status.hpp"
#include "limelight/thread_pool.hpp"

namespace limelight::training {

/// A matrix [rows, width], contiguous. The tokens of a batch are rows: [batch, seq, width].
struct Tensor {
  int32_t index = -1;
};

/// Whole numbers that come from outside: token ids, targets, lengths.
struct Integers {
  int32_t index = -1;
};

struct Parameter {
  int32_t index = -1;
};

struct Shape {
  int64_t rows = 0, width = 0;
  int64_t count() const { return rows * width; }
};

/// Where training starts: random numbers of this mean and standard deviation; or, of a table of positions
/// that are learnt, sinusoids() of that deviation, in which one place back is the same turn everywhere.
struct Initial {
  float mean = 0.0f, deviation = 0.0f;
  bool sinusoids = false;
};

struct ParameterInfo {
  std::string name;
  std::vector<int64_t> shape;
  Initial initial;
  int64_t count = 0;
  std::size_t offset = 0;  ///< in Graph::parameters() and Graph::parameter_gradients()
};

/// Where an operation puts the gradient by one of its inputs.
struct Gradient {
  float* data = nullptr;  ///< null: nobody wants it
  bool add = false;       ///< to what is there; else every number has to be set
};

class Operation;

class Graph {
 public:
  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // Building.

  /// Numbers from outside, zero at first. `differentiable`: backward() finds their gradient too.
  Tensor input(int64_t rows, int64_t width, bool differentiable = false);
  /// Zero at first.
  Integers integers(int64_t count);
  /// A name that is there already stands for the same parameter. invalid_shape where the shapes differ.
  Parameter parameter(std::string name, std::vector<int64_t> shape, Initial initial);
  Tensor append(std::unique_ptr<Operation> operation, Shape output);
  /// Keeps the first mistake for plan().
  void refuse(const Status& status);
  bool refused() const { return !mistake_.ok(); }

  /// Takes all memory. `loss` is a single number. `pool`, if given, is used by forward() and backward() and
  /// has to outlive them. Errors: the first mistake of the building; invalid_shape (a loss of another shape);
  /// out_of_memory.
  Status plan(Tensor loss, ThreadPool* pool = nullptr);

  // Running, after plan().

  /// Computes every value. Errors: invalid_token and others of the operations, whose inputs are checked.
  Status forward();
  /// Computes the gradients of the loss, of the values that forward() left.
  Status backward();

  /// Whether this is training, as it is at first, or use: dropout drops nothing then. What it drops is drawn
  /// from `draw`, in forward() and again in backward(): change it between steps.
  void set_training(bool training, uint64_t draw = 0) {
    training_ = training;
    draw_ = draw;
  }
  bool training() const { return training_; }
  uint64_t draw() const { return draw_; }

  Shape shape(Tensor tensor) const;
  int64_t count(Integers integers) const;
  std::span<float> value(Tensor tensor);
  /// Of a differentiable input, what backward() found; of other tensors only while it runs, for they share
  /// memory. Empty where the loss does not depend on it, or no parameter and no differentiable input is
  /// behind it.
  std::span<float> gradient(Tensor tensor);
  std::span<int32_t> numbers(Integers integers);
  std::span<const ParameterInfo> parameter_list() const { return parameters_; }
  std::span<float> parameters() { return parameter_values_.span(); }
  std::span<float> parameter_gradients() { return parameter_gradients_.span(); }
  float* value(Parameter parameter);
  float* gradient(Parameter parameter);

  // For operations.

  Gradient gradient_of_input(const Operation& operation, std::size_t slot);
  /// What the operation keeps between forward() and backward().
  float* kept(const Operation& operation);
  std::span<float> scratch() { return scratch_.span(); }
  ThreadPool* pool() const { return pool_; }

 private:
  struct Node {
    Shape shape;
    bool differentiable = false;  ///< a parameter or a differentiable input is behind it
    bool wanted = false;          ///< differentiable, and the loss depends on it
    std::size_t value = 0, gradient = 0;
  };
  struct Numbers {
    int64_t count = 0;
    std::size_t offset = 0;
  };

  void find_wanted(Tensor loss);
  uint64_t place_gradients();
  Status take_memory();

  Status mistake_;
  Tensor loss_;
  ThreadPool* pool_ = nullptr;
  bool training_ = true;
  uint64_t draw_ = 0;
  std::vector<Node> nodes_;
  std::vector<Numbers> integers_;
  std::vector<ParameterInfo> parameters_;
  std::vector<std::unique_ptr<Operation>> operations_;
  Buffer<float> values_, gradients_, parameter_values_, parameter_gradients_, scratch_;
  Buffer<int32_t> integer_values_;
};

}  // namespace limelight::training
