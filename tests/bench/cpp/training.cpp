// Trains a GPT-2 on batches that it writes beside its first parameters, for tests/bench/pytorch.py to do the
// same.
//
//   limelight-training-bench FOLDER WIDTH LAYERS VOCABULARY LENGTH BATCH STEPS
//
// Leaves FOLDER/model.safetensors (before the first step) and FOLDER/batches.bin ([steps, 2, batch, length]
// int32: ids, targets); prints the loss before every step and the seconds that it took, forward, backward and
// AdamW.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "training/adamw.hpp"
#include "training/checkpoint.hpp"
#include "training/initialize.hpp"
#include "training/network.hpp"
#include "training/random.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

// As tests/bench/pytorch.py has them.
constexpr AdamWOptions kOptimizer{
    .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.01, .clip = 1};
constexpr double kLearningRate = 1e-3;

void check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.message);
  std::exit(1);
}

template <class T>
void write(std::ofstream& file, std::span<const T> numbers) {
  file.write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size_bytes()));
}

/// Something that can be learned in part: half of the tokens follow from the one before.
void draw(Random& random, Network& network) {
  const std::span<int32_t> ids = network.graph.numbers(network.ids),
                           targets = network.graph.numbers(network.targets);
  const int64_t vocabulary = network.shape.vocabulary, length = network.shape.length;
  const auto next = [&](int64_t id) {
    return random.below(2) == 0 ? (id * 5 + 1) % vocabulary : random.below(random.below(vocabulary) + 1);
  };
  for (std::size_t row = 0; row < ids.size(); row += static_cast<std::size_t>(length)) {
    int64_t id = random.below(vocabulary);
    for (std::size_t i = row; i < row + static_cast<std::size_t>(length); ++i) {
      ids[i] = static_cast<int32_t>(id);
      targets[i] = static_cast<int32_t>(id = next(id));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr, "limelight-training-bench FOLDER WIDTH LAYERS VOCABULARY LENGTH BATCH STEPS\n");
    return 2;
  }
  const std::string folder = argv[1];
  const auto number = [&](int i) { return std::strtoll(argv[i], nullptr, 10); };
  NetworkShape shape;
  shape.width = number(2);
  shape.layers = number(3);
  shape.heads = shape.width / 32;
  shape.mlp_width = 4 * shape.width;
  shape.vocabulary = number(4);
  shape.length = number(5);
  Network network;
  check(build(shape, number(6), nullptr, network));
  initialize(network.graph, 1);
  AdamW optimizer;
  check(optimizer.reserve(network.graph, kOptimizer));

  Buffer<std::byte> model;
  check(save_model(network.graph, model));
  std::ofstream parameters(folder + "/model.safetensors", std::ios::binary);
  write<std::byte>(parameters, model.span());
  std::ofstream batches(folder + "/batches.bin", std::ios::binary);
  Random random(2);
  for (int64_t step = 0; step < number(7); ++step) {
    draw(random, network);
    write<int32_t>(batches, network.graph.numbers(network.ids));
    write<int32_t>(batches, network.graph.numbers(network.targets));
    const auto start = std::chrono::steady_clock::now();
    check(network.graph.forward());
    check(network.graph.backward());
    optimizer.step(network.graph, kLearningRate);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.9g %.6f\n", static_cast<double>(network.graph.value(network.loss)[0]), took.count());
  }
  batches.close();
  parameters.close();
  return batches && parameters ? 0 : 1;
}
