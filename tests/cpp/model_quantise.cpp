// Checkpoints rounded to int8 for shipping.
#include "model/quantise.hpp"

#include <map>

#include "checkpoint.hpp"
#include "io/safetensors_file.hpp"
#include "limelight/half.hpp"

namespace limelight::test {
namespace {

const Sizes kTiny{.vocabulary = 11, .positions = 9, .width = 6, .layers = 2, .heads = 2, .mlp_width = 13};

struct Quantised {
  std::string config;
  Buffer<std::byte> bytes;
  SafetensorsFile file;

  explicit Quantised(const Checkpoint& from) {
    const std::string whole = from.file();
    CHECK_OK(quantise_checkpoint(from.config, bytes_of(whole), config, bytes));
    CHECK_OK(file.open(bytes.span()));
  }

  template <class T>
  std::vector<T> numbers(const std::string& name) const {
    const TensorInfo* info = file.find("", name);
    REQUIRE_MESSAGE(info != nullptr, name);
    const std::span<const std::byte> raw = file.bytes(*info);
    std::vector<T> all(raw.size() / sizeof(T));
    std::memcpy(all.data(), raw.data(), raw.size());
    return all;
  }

  std::shared_ptr<const Model> load() const {
    ModelLoader loader;
    std::shared_ptr<const Model> model;
    CHECK_OK(loader.configure(config));
    CHECK_OK(loader.feed(bytes.span()));
    CHECK_OK(loader.finish(model));
    return model;
  }
};

bool is_table(const std::string& name) {
  return name.find("wpe") != name.npos || name.find("position_embeddings") != name.npos ||
         name.find("token_type") != name.npos;
}

}  // namespace

TEST_CASE("a quantised checkpoint loads, and every number is within half a step of what it was") {
  for (const Family family : kFamilies) {
    CAPTURE(static_cast<int>(family));
    const Checkpoint from = make(family, kTiny);
    const Quantised small(from);
    CHECK(std::string(small.load()->weight_format()) == "int8");
    CHECK(small.load()->parameters() > 0);
    for (const Tensor& t : from.tensors) {
      CAPTURE(t.name);
      const TensorInfo* info = small.file.find("", t.name);
      REQUIRE(info != nullptr);
      CHECK(info->shape == t.shape);
      if (t.shape.size() == 1 || t.name == "final_logits_bias") {
        CHECK(small.numbers<float>(t.name) == t.values);
      } else if (is_table(t.name)) {
        const auto halves = small.numbers<uint16_t>(t.name);
        // Half of the last of 11 bits, and below 2^-14 half of 2^-24.
        for (std::size_t i = 0; i < t.values.size(); ++i)
          CHECK(std::abs(f16_to_f32(halves[i]) - t.values[i]) <=
                std::max(0x1p-11f * std::abs(t.values[i]), 0x1p-25f));
      } else {
        const bool column = t.name.find(".c_") != t.name.npos;  // GPT-2's Conv1D lies as [in, out]
        const auto int8 = small.numbers<int8_t>(t.name);
        const auto scales = small.numbers<float>(t.name + "_scale");
        CHECK(std::ssize(scales) == t.shape[column ? 1 : 0]);
        std::map<std::size_t, int> largest;
        for (std::size_t i = 0; i < t.values.size(); ++i) {
          const auto columns = static_cast<std::size_t>(t.shape[1]);
          const std::size_t feature = column ? i % columns : i / columns;
          const float scale = scales[feature];
          CHECK(std::abs(static_cast<float>(int8[i]) * scale - t.values[i]) <= 0.5001f * scale);
          largest[feature] = std::max(largest[feature], std::abs(int8_t{int8[i]}));
        }
        for (const auto& [feature, most] : largest) CHECK(most == 127);
      }
    }
  }
}

TEST_CASE("what a quantised checkpoint predicts is what int8 on request does, where there is no table") {
  const Checkpoint from = make(Family::llama, kTiny);
  const Quantised small(from);
  const auto ids = random_ids(5, kTiny.vocabulary);
  const auto requested = load(from, 1000, WeightFormat::int8);
  CHECK(same_bits(everything(*finished_run(small.load(), ids)), everything(*finished_run(requested, ids))));
}

TEST_CASE("what cannot be quantised is refused by name, and nothing is written") {
  std::string config = "before";
  Buffer<std::byte> bytes;
  const auto refuses = [&](const Checkpoint& from, StatusCode code, const char* words) {
    const std::string whole = from.file();
    const Status status = quantise_checkpoint(from.config, bytes_of(whole), config, bytes);
    CAPTURE(std::string(status.message));
    CHECK(status.code == code);
    CHECK(std::string(status.message).find(words) != std::string::npos);
    CHECK(config == "before");
    CHECK(bytes.size() == 0);
  };
  const Checkpoint good = make_gpt2(kTiny);
  Checkpoint bad = good;
  bad.config = "{";
  refuses(bad, StatusCode::corrupt_file, "JSON");
  bad = good;
  bad.config.insert(1, R"("quantization_config":{"quant_method":"limelight-int8"},)");
  refuses(bad, StatusCode::invalid_option, "quantised already");
  bad = good;
  bad.tensors[0].name = "elsewhere";
  refuses(bad, StatusCode::unknown_tensor, "elsewhere");
  bad = good;
  bad.find("h.0.mlp.c_fc.weight")->shape = {13, 6};
  refuses(bad, StatusCode::misshapen_tensor, "h.0.mlp.c_fc.weight");
  bad = good;
  bad.find("ln_f.weight")->dtype = "F16";
  refuses(bad, StatusCode::misshapen_tensor, "ln_f.weight");
  bad = good;
  bad.find("wpe.weight")->values[3] = 70000.0f;
  refuses(bad, StatusCode::invalid_value, "70000");
}

}  // namespace limelight::test
