// Checkpoints of a training: going on from one gives the bits of never having stopped, and what is no
// checkpoint of the network changes nothing.
#include "training/checkpoint.hpp"

#include <functional>

#include "checkpoint.hpp"
#include "training_tasks.hpp"

namespace limelight::test {
namespace {

using namespace training;

const NetworkShape kShape{.layers = 1, .width = 8, .heads = 2};
const MetadataEntry kNote[] = {{"note", "\"three\" steps\n"}};

/// A small training whose batches depend on the step alone.
struct Trainer {
  std::unique_ptr<Task> task =
      training_tasks::make(R"({"name": "induction", "vocabulary": 8, "length": 12})");
  training_tasks::Learner learner;
  Graph& graph = learner.network.graph;
  AdamW& optimizer = learner.optimizer;

  explicit Trainer(uint64_t seed = 5) : learner(*task, kShape, 3, nullptr, seed) {
    REQUIRE(optimizer.reserve(graph, {.beta2 = 0.98}).ok());
  }
  void train(int steps) {
    for (; steps > 0; --steps) {
      learner.random = training::Random(static_cast<uint64_t>(optimizer.steps()));
      learner.step(1e-2);
    }
  }
  Buffer<std::byte> save() {
    Buffer<std::byte> file;
    const Status s = save_checkpoint(graph, optimizer, kNote, file);
    REQUIRE_MESSAGE(s.ok(), s.message);
    return file;
  }
  Status load(std::span<const std::byte> bytes) {
    SafetensorsFile file;
    if (Status s = file.open(bytes); !s.ok()) return s;
    return load_checkpoint(file, graph, optimizer);
  }
};

bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::ranges::equal(a, b);
}

Buffer<std::byte> trained(int steps) {
  Trainer trainer;
  trainer.train(steps);
  return trainer.save();
}

/// A checkpoint as a list of tensors, to change and to write again.
Checkpoint taken_apart(std::span<const std::byte> bytes) {
  SafetensorsFile file;
  REQUIRE(file.open(bytes).ok());
  Checkpoint checkpoint;
  for (const TensorInfo& info : file.tensors()) {
    Tensor tensor{info.name, info.shape, std::vector<float>(file.bytes(info).size() / sizeof(float))};
    REQUIRE(decode(Dtype::f32, file.bytes(info), tensor.values).ok());
    checkpoint.tensors.push_back(std::move(tensor));
  }
  checkpoint.metadata =
      "{\"optimizer.steps\":" + quoted(std::string(*file.metadata("optimizer.steps"))) + "}";
  return checkpoint;
}

TEST_CASE("six steps are three, a checkpoint, a fresh graph and three more, bit for bit") {
  const Buffer<std::byte> six = trained(6), three = trained(3);
  Trainer fresh(99);
  fresh.train(2);  // whatever it did before
  CHECK_OK(fresh.load(three.span()));
  CHECK(fresh.optimizer.steps() == 3);
  CHECK(same_bytes(fresh.save().span(), three.span()));
  fresh.train(3);
  CHECK(same_bytes(fresh.save().span(), six.span()));
  CHECK(!same_bytes(six.span(), three.span()));
}

TEST_CASE("the powers of beta after any number of steps are those of having taken them") {
  for (const int64_t steps : {0, 1, 2, 31, 500, 20'000}) {
    CAPTURE(steps);
    // Both take a step from the same moments: only the powers can make a difference.
    Trainer walked, told;
    walked.graph.parameter_gradients()[0] = told.graph.parameter_gradients()[0] = 0.5f;
    for (int64_t i = 0; i < steps; ++i) walked.optimizer.step(walked.graph, 0.0);
    std::ranges::copy(walked.optimizer.first_moments(), told.optimizer.first_moments().begin());
    std::ranges::copy(walked.optimizer.second_moments(), told.optimizer.second_moments().begin());
    told.optimizer.set_steps(steps);
    walked.optimizer.step(walked.graph, 0.1);
    told.optimizer.step(told.graph, 0.1);
    CHECK(same_bytes(walked.save().span(), told.save().span()));
  }
}

TEST_CASE("a checkpoint keeps what was written beside it, and a model has the parameters alone") {
  Trainer trainer;
  trainer.train(1);
  const Buffer<std::byte> saved = trainer.save();
  SafetensorsFile file;
  CHECK_OK(file.open(saved.span()));
  CHECK(file.metadata("note") == kNote[0].value);
  CHECK(file.metadata("optimizer.steps") == "1");
  const std::size_t parameters = trainer.graph.parameter_list().size();
  CHECK(file.tensors().size() == 3 * parameters);

  Buffer<std::byte> model;
  CHECK_OK(save_model(trainer.graph, model));
  SafetensorsFile alone;
  CHECK_OK(alone.open(model.span()));
  CHECK(alone.metadata("format") == "pt");
  REQUIRE(alone.tensors().size() == parameters);
  for (const TensorInfo& tensor : alone.tensors()) {
    const TensorInfo* same = file.find("", tensor.name);
    REQUIRE(same != nullptr);
    CHECK(same->shape == tensor.shape);
    CHECK(same_bytes(alone.bytes(tensor), file.bytes(*same)));
  }
}

TEST_CASE("what is no checkpoint of this network is refused by name, and nothing is changed") {
  const Checkpoint good = taken_apart(trained(3).span());
  Trainer trainer(8);
  trainer.train(2);
  const Buffer<std::byte> before = trainer.save();
  const std::string w = "transformer.h.0.attn.c_attn.weight";
  const auto number = [](const std::string& name, float value) {
    return [=](Checkpoint& c) { c.find(name)->values.back() = value; };
  };
  const auto steps = [](const std::string& metadata) {
    return [=](Checkpoint& c) { c.metadata = metadata; };
  };
  const struct {
    std::function<void(Checkpoint&)> change;
    StatusCode code;
    std::string named;
  } kBad[] = {
      {[](Checkpoint& c) { c.remove("transformer.wpe.weight"); }, StatusCode::missing_tensor,
       "\"transformer.wpe.weight\""},
      {[](Checkpoint& c) { c.remove("optimizer.m.transformer.ln_f.bias"); }, StatusCode::missing_tensor,
       "\"optimizer.m.transformer.ln_f.bias\""},
      {[](Checkpoint& c) { c.remove("optimizer.v.lm_head.weight"); }, StatusCode::missing_tensor,
       "\"optimizer.v.lm_head.weight\""},
      {[](Checkpoint& c) { c.tensors.clear(); }, StatusCode::missing_tensor, "weight"},
      {[](Checkpoint& c) { c.tensors.push_back({"transformer.h.1.ln_1.bias", {1}, {1}}); },
       StatusCode::unknown_tensor, "\"transformer.h.1.ln_1.bias\""},
      {[](Checkpoint& c) { c.tensors.push_back({"optimizer.m.", {1}, {1}}); }, StatusCode::unknown_tensor,
       "\"optimizer.m.\""},
      {[](Checkpoint& c) {
         c.tensors.push_back({"optimizer.m.optimizer.v.transformer.ln_f.bias", {1}, {1}});
       },
       StatusCode::unknown_tensor, "\"optimizer.m.optimizer.v.transformer.ln_f.bias\""},
      {[](Checkpoint& c) { c.tensors.push_back({"", {1}, {1}}); }, StatusCode::unknown_tensor, "\"\""},
      {[](Checkpoint& c) { c.find("transformer.ln_f.bias")->dtype = "F16"; }, StatusCode::misshapen_tensor,
       "\"transformer.ln_f.bias\" is F16"},
      {[](Checkpoint& c) { c.find("transformer.ln_f.bias")->dtype = "I32"; }, StatusCode::misshapen_tensor,
       "\"transformer.ln_f.bias\" is I32"},
      {[&](Checkpoint& c) { std::ranges::reverse(c.find(w)->shape); }, StatusCode::misshapen_tensor,
       w + "\" has shape [24, 8], not [8, 24]"},
      {[&](Checkpoint& c) { c.find("optimizer.v." + w)->shape = {192}; }, StatusCode::misshapen_tensor,
       "optimizer.v." + w + "\" has shape [192]"},
      {[](Checkpoint& c) {
         *c.find("transformer.ln_f.bias") = {"transformer.ln_f.bias", {7}, std::vector<float>(7)};
       },
       StatusCode::misshapen_tensor, "\"transformer.ln_f.bias\" has shape [7], not [8]"},
      {[](Checkpoint& c) { *c.find("transformer.ln_f.bias") = {"transformer.ln_f.bias", {0}, {}}; },
       StatusCode::misshapen_tensor, "\"transformer.ln_f.bias\" has shape [0], not [8]"},
      {number("transformer.wte.weight", std::nanf("")), StatusCode::invalid_value,
       "\"transformer.wte.weight\" has nan at 63"},
      {number("transformer.wte.weight", INFINITY), StatusCode::invalid_value,
       "\"transformer.wte.weight\" has inf at 63"},
      {number("optimizer.m.transformer.wte.weight", -INFINITY), StatusCode::invalid_value,
       "\"optimizer.m.transformer.wte.weight\" has -inf at 63"},
      {number("optimizer.v.transformer.ln_f.weight", INFINITY), StatusCode::invalid_value,
       "\"optimizer.v.transformer.ln_f.weight\""},
      {number("optimizer.v.transformer.ln_f.weight", -1e-30f), StatusCode::invalid_value,
       "\"optimizer.v.transformer.ln_f.weight\" has -1e-30 at 7"},
      {steps(""), StatusCode::corrupt_file, "no optimizer.steps"},
      {steps("{}"), StatusCode::corrupt_file, "no optimizer.steps"},
      {steps(R"({"optimizer.steps":3})"), StatusCode::corrupt_file, "\"optimizer.steps\" is no string"},
      {steps(R"({"optimizer.steps":""})"), StatusCode::invalid_value, "\"\" is no number"},
      {steps(R"({"optimizer.steps":"-1"})"), StatusCode::invalid_value, "\"-1\" is no number"},
      {steps(R"({"optimizer.steps":"3 "})"), StatusCode::invalid_value, "\"3 \" is no number"},
      {steps(R"({"optimizer.steps":"0x3"})"), StatusCode::invalid_value, "\"0x3\" is no number"},
      {steps(R"({"optimizer.steps":"1000000001"})"), StatusCode::invalid_value, "from 0 to 1000000000"},
      {steps(R"({"optimizer.steps":"99999999999999999999"})"), StatusCode::invalid_value, "no number"},
  };
  CHECK_OK(Trainer().load(bytes_of(good.file())));
  for (const auto& bad : kBad) {
    CAPTURE(bad.named);
    Checkpoint checkpoint = good;
    bad.change(checkpoint);
    const Status status = trainer.load(bytes_of(checkpoint.file()));
    CAPTURE(std::string(status.message));
    CHECK(std::string(status_name(status.code)) == status_name(bad.code));
    CHECK(mentions(status, bad.named));
    REQUIRE(same_bytes(trainer.save().span(), before.span()));
  }
}

TEST_CASE("flipped bytes and cut ends are refused or give a training that goes on, and never half of one") {
  const Buffer<std::byte> good = trained(3);
  Trainer trainer(8);
  Buffer<std::byte> before = trainer.save();
  test::Random random(77);
  int refused = 0, taken = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    CAPTURE(trial);
    std::vector<std::byte> bytes(good.span().begin(), good.span().end());
    // Half of the trials are about the header, which is a third of the file.
    const int64_t end = trial % 2 ? std::ssize(bytes) : 8 + 2000;
    for (int64_t flips = 1 + random.below(3); flips > 0; --flips) {
      bytes[static_cast<std::size_t>(random.below(end))] ^= static_cast<std::byte>(1 + random.below(255));
    }
    if (trial % 5 == 0) bytes.resize(static_cast<std::size_t>(random.below(std::ssize(bytes))));
    const Status status = trainer.load(bytes);
    if (status.ok()) {
      ++taken;
      // All of it was taken: what was loaded is what the file says.
      const Checkpoint file = taken_apart(bytes);
      before = trainer.save();
      const Checkpoint loaded = taken_apart(before.span());
      for (const Tensor& tensor : file.tensors) {
        REQUIRE(loaded.find(tensor.name) != nullptr);
        REQUIRE(same_bits(loaded.find(tensor.name)->values, tensor.values));
      }
      REQUIRE(loaded.metadata == file.metadata);
    } else {
      ++refused;
      REQUIRE(status.message[0] != '\0');
      REQUIRE(same_bytes(trainer.save().span(), before.span()));
    }
  }
  CHECK(refused > 500);
  CHECK(taken > 100);
}

TEST_CASE("saving and loading without memory are refused and change nothing") {
  const Buffer<std::byte> good = trained(3);
  Trainer trainer(8);
  Buffer<std::byte> file = trainer.save(), model;
  const Buffer<std::byte> before = trainer.save();
  const std::size_t baseline = live_bytes();
  int refused = 0;
  bool done = false;
  for (std::size_t room = 1; !done; room += 1024) {
    Status saved, kept, loaded;
    {
      const MemoryLimit limit(baseline + room);
      saved = save_checkpoint(trainer.graph, trainer.optimizer, {}, file);
      kept = save_model(trainer.graph, model);
      loaded = trainer.load(good.span());
    }
    done = saved.ok() && kept.ok() && loaded.ok();
    if (!saved.ok()) {
      ++refused;
      REQUIRE(saved.code == StatusCode::out_of_memory);
      REQUIRE(same_bytes(file.span(), before.span()));
    }
    if (!kept.ok()) REQUIRE(kept.code == StatusCode::out_of_memory);
    if (!loaded.ok()) {
      REQUIRE(loaded.code == StatusCode::out_of_memory);
      REQUIRE(same_bytes(trainer.save().span(), before.span()));
    } else {
      CHECK_OK(trainer.load(before.span()));
    }
    file = trainer.save();
    model = {};
    REQUIRE(live_bytes() == baseline);
  }
  CHECK(refused > 5);
}

}  // namespace
}  // namespace limelight::test
