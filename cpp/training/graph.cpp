#include "training/graph.hpp"

#include <algorithm>
#include <utility>

#include "model/layout.hpp"
#include "threads/worth.hpp"
#include "training/operation.hpp"

namespace limelight::training {
namespace {

std::size_t at(int32_t index) {
  return static_cast<std::size_t>(index);
}

Status take_zeros(const Layout& layout, Buffer<float>& buffer) {
  if (Status s = layout.take(buffer); !s.ok()) return s;
  std::fill(buffer.span().begin(), buffer.span().end(), 0.0f);
  return {};
}

/// Arrays in one block, where each is free for others once it is given back.
class Places {
 public:
  /// The lowest place with room for `count` numbers, in whole cache lines.
  uint64_t take(int64_t count) {
    Layout whole;
    whole.add(count);
    uint64_t begin = 0;
    auto next = taken_.begin();
    for (; next != taken_.end() && next->begin - begin < whole.floats(); ++next) begin = next->end;
    taken_.insert(next, {begin, begin + whole.floats()});
    most_ = std::max(most_, begin + whole.floats());
    return begin;
  }
  void give_back(uint64_t begin) {
    std::erase_if(taken_, [&](const Array& array) { return array.begin == begin; });
  }
  /// Numbers that the block needs.
  uint64_t most() const { return most_; }

 private:
  struct Array {
    uint64_t begin, end;
  };
  std::vector<Array> taken_;  // in order
  uint64_t most_ = 0;
};

}  // namespace

Graph::Graph() = default;
Graph::~Graph() = default;

void Graph::refuse(const Status& status) {
  if (!refused()) mistake_ = status;
}

Tensor Graph::input(int64_t rows, int64_t width, bool differentiable) {
  if (rows < 1 || width < 1) {
    refuse(Status::error(StatusCode::invalid_shape, "an input of %lld rows of %lld numbers",
                         static_cast<long long>(rows), static_cast<long long>(width)));
    return {};
  }
  nodes_.push_back({{rows, width}, differentiable});
  return {static_cast<int32_t>(nodes_.size() - 1)};
}

Integers Graph::integers(int64_t count) {
  if (count < 1) {
    refuse(Status::error(StatusCode::invalid_shape, "an input of %lld whole numbers",
                         static_cast<long long>(count)));
    return {};
  }
  integers_.push_back({count});
  return {static_cast<int32_t>(integers_.size() - 1)};
}

Parameter Graph::parameter(std::string name, std::vector<int64_t> shape, Initial initial) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].name != name) continue;
    if (parameters_[i].shape != shape) {
      refuse(Status::error(StatusCode::invalid_shape, "%.*s is used in two shapes",
                           static_cast<int>(std::min<std::size_t>(name.size(), 100)), name.data()));
    }
    return {static_cast<int32_t>(i)};
  }
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1) {
      refuse(Status::error(StatusCode::invalid_shape, "%.*s has a side of %lld",
                           static_cast<int>(std::min<std::size_t>(name.size(), 100)), name.data(),
                           static_cast<long long>(size)));
      return {};
    }
    count *= size;
  }
  parameters_.push_back({std::move(name), std::move(shape), initial, count});
  return {static_cast<int32_t>(parameters_.size() - 1)};
}

Tensor Graph::append(std::unique_ptr<Operation> operation, Shape output) {
  if (refused()) return {};
  Node node{output, operation->has_parameters_};
  for (Tensor input : operation->inputs_) node.differentiable |= nodes_[at(input.index)].differentiable;
  nodes_.push_back(node);
  operation->output_ = {static_cast<int32_t>(nodes_.size() - 1)};
  operations_.push_back(std::move(operation));
  return operations_.back()->output_;
}

Shape Graph::shape(Tensor tensor) const {
  return tensor.index < 0 ? Shape{} : nodes_[at(tensor.index)].shape;
}

int64_t Graph::count(Integers integers) const {
  return integers.index < 0 ? 0 : integers_[at(integers.index)].count;
}

/// Against the order of the operations: whose output is wanted wants its inputs' gradients.
void Graph::find_wanted(Tensor loss) {
  for (Node& node : nodes_) node.wanted = false;
  nodes_[at(loss.index)].wanted = nodes_[at(loss.index)].differentiable;
  std::vector<bool> set(nodes_.size());
  for (std::size_t i = operations_.size(); i-- > 0;) {
    Operation& operation = *operations_[i];
    operation.adds_.assign(operation.inputs_.size(), false);
    if (!nodes_[at(operation.output_.index)].wanted) continue;
    for (std::size_t slot = 0; slot < operation.inputs_.size(); ++slot) {
      const std::size_t input = at(operation.inputs_[slot].index);
      nodes_[input].wanted = nodes_[input].differentiable;
      operation.adds_[slot] = set[input];
      set[input] = true;
    }
  }
}

/// In the order of backward(): an operation sets its inputs' gradients, then its output's is free. Gives the
/// numbers that are needed.
uint64_t Graph::place_gradients() {
  Places places;
  const auto place = [&](Node& node) {
    if (node.wanted) node.gradient = static_cast<std::size_t>(places.take(node.shape.count()));
  };
  place(nodes_[at(loss_.index)]);
  for (std::size_t i = operations_.size(); i-- > 0;) {
    const Operation& operation = *operations_[i];
    const Node& output = nodes_[at(operation.output_.index)];
    if (!output.wanted) continue;
    for (std::size_t slot = 0; slot < operation.inputs_.size(); ++slot) {
      if (!operation.adds_[slot]) place(nodes_[at(operation.inputs_[slot].index)]);
    }
    places.give_back(output.gradient);
  }
  return places.most();
}

Status Graph::take_memory() {
  Layout values, gradients, parameters, whole, scratch;
  for (Node& node : nodes_) node.value = values.add(node.shape.count());
  gradients.add(static_cast<int64_t>(place_gradients()));
  for (const auto& operation : operations_) operation->kept_ = values.add(operation->kept_floats(*this));
  for (ParameterInfo& parameter : parameters_) parameter.offset = parameters.add(parameter.count);
  for (Numbers& numbers : integers_) numbers.offset = whole.add(numbers.count);
  if (Status s = take_zeros(values, values_); !s.ok()) return s;
  if (Status s = take_zeros(gradients, gradients_); !s.ok()) return s;
  if (Status s = take_zeros(parameters, parameter_values_); !s.ok()) return s;
  if (Status s = take_zeros(parameters, parameter_gradients_); !s.ok()) return s;
  if (Status s = integer_values_.resize(static_cast<std::size_t>(whole.floats())); !s.ok()) return s;
  std::fill(integer_values_.span().begin(), integer_values_.span().end(), 0);
  int64_t most = 0;
  for (const auto& operation : operations_) {
    most = std::max(most, operation->scratch_floats(*this, threads_of(pool_)));
  }
  scratch.add(most);
  return scratch.take(scratch_);
}

Status Graph::plan(Tensor loss, ThreadPool* pool) {
  if (refused()) return mistake_;
  if (const Shape it = shape(loss); it.rows != 1 || it.width != 1) {
    return Status::error(StatusCode::invalid_shape, "the loss has %lld rows of %lld numbers, not one number",
                         static_cast<long long>(it.rows), static_cast<long long>(it.width));
  }
  loss_ = loss;
  pool_ = pool;
  find_wanted(loss);
  if (Status s = take_memory(); !s.ok()) return s;
  for (const auto& operation : operations_) {
    if (Status s = operation->prepare(*this); !s.ok()) return s;
  }
  return {};
}

Status Graph::forward() {
  for (const auto& operation : operations_) {
    if (Status s = operation->forward(*this); !s.ok()) return s;
  }
  return {};
}

Status Graph::backward() {
  std::fill(parameter_gradients_.span().begin(), parameter_gradients_.span().end(), 0.0f);
  if (!nodes_[at(loss_.index)].wanted) return {};
  gradient(loss_)[0] = 1.0f;
  for (std::size_t i = operations_.size(); i-- > 0;) {
    if (!nodes_[at(operations_[i]->output_.index)].wanted) continue;
    if (Status s = operations_[i]->backward(*this); !s.ok()) return s;
  }
  return {};
}

std::span<float> Graph::value(Tensor tensor) {
  const Node& node = nodes_[at(tensor.index)];
  return {values_.data() + node.value, static_cast<std::size_t>(node.shape.count())};
}

std::span<float> Graph::gradient(Tensor tensor) {
  const Node& node = nodes_[at(tensor.index)];
  if (!node.wanted) return {};
  return {gradients_.data() + node.gradient, static_cast<std::size_t>(node.shape.count())};
}

std::span<int32_t> Graph::numbers(Integers integers) {
  const Numbers& numbers = integers_[at(integers.index)];
  return {integer_values_.data() + numbers.offset, static_cast<std::size_t>(numbers.count)};
}

float* Graph::value(Parameter parameter) {
  return parameter_values_.data() + parameters_[at(parameter.index)].offset;
}

float* Graph::gradient(Parameter parameter) {
  return parameter_gradients_.data() + parameters_[at(parameter.index)].offset;
}

Gradient Graph::gradient_of_input(const Operation& operation, std::size_t slot) {
  return {gradient(operation.inputs_[slot]).data(), operation.adds_[slot]};
}

float* Graph::kept(const Operation& operation) {
  return values_.data() + operation.kept_;
}

}  // namespace limelight::training
