// limelight inspect: what is in safetensors files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "io/safetensors_file.hpp"
#include "io/shape_text.hpp"

namespace limelight::cli {
namespace {

/// Of a tensor: how many numbers, and the root of the sum of their squares where they are decoded.
struct Numbers {
  uint64_t count = 1;
  std::optional<double> norm;
};

Numbers numbers_of(const SafetensorsFile& file, const TensorInfo& tensor) {
  Numbers numbers;
  for (const int64_t size : tensor.shape) numbers.count *= static_cast<uint64_t>(size);
  if (tensor.dtype == Dtype::other || tensor.dtype == Dtype::i8) return numbers;
  std::span<const std::byte> bytes = file.bytes(tensor);
  const std::size_t size = tensor.dtype == Dtype::f32 ? 4 : 2;
  float values[1024];
  double sum = 0;
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size() / size, std::size(values));
    check(decode(tensor.dtype, bytes.first(count * size), {values, count}));
    for (std::size_t i = 0; i < count; ++i) {
      sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    bytes = bytes.subspan(count * size);
  }
  numbers.norm = std::sqrt(sum);
  return numbers;
}

/// What of a checkpoint is no parameter (training/checkpoint.hpp).
bool is_parameter(const TensorInfo& tensor) {
  return !std::string_view(tensor.name).starts_with("optimizer.");
}

/// The files that a path means, in the order of their names.
std::vector<std::filesystem::path> files_at(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  if (files.empty()) throw Error(path.string() + " holds no .safetensors file");
  std::ranges::sort(files);
  return files;
}

struct Inspected {
  std::filesystem::path path;
  Buffer<std::byte> bytes;
  SafetensorsFile file;
  std::vector<Numbers> numbers;  ///< of each tensor
  uint64_t parameters = 0;

  explicit Inspected(const std::filesystem::path& of) : path(of), bytes(read_file(of)) {
    if (const Status s = file.open(bytes.span()); !s.ok()) throw Error(path.string() + ": " + s.message);
    for (const TensorInfo& tensor : file.tensors()) {
      numbers.push_back(numbers_of(file, tensor));
      if (is_parameter(tensor)) parameters += numbers.back().count;
    }
  }
};

std::string json_of(const Inspected& in) {
  std::string metadata, tensors;
  for (const auto& [key, value] : in.file.metadata()) {
    metadata += (metadata.empty() ? "" : ",") + json_string(key) + ":" + json_string(value);
  }
  for (std::size_t i = 0; i < in.numbers.size(); ++i) {
    const TensorInfo& tensor = in.file.tensors()[i];
    tensors += (i ? ",{\"name\":" : "{\"name\":") + json_string(tensor.name) +
               ",\"dtype\":" + json_string(tensor.dtype_name) +
               ",\"shape\":" + json_list(tensor.shape, [](int64_t size) { return std::to_string(size); }) +
               ",\"norm\":" + (in.numbers[i].norm ? json_number(*in.numbers[i].norm) : "null") + "}";
  }
  return "{\"file\":" + json_string(in.path.string()) + ",\"bytes\":" + std::to_string(in.bytes.size()) +
         ",\"parameters\":" + std::to_string(in.parameters) + ",\"metadata\":{" + metadata +
         "},\"tensors\":[" + tensors + "]}";
}

/// As in JSON, and cut where it is long.
std::string shown(std::string_view text) {
  std::size_t end = std::min<std::size_t>(text.size(), 100);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return json_string(text.substr(0, end)) + (end < text.size() ? " ..." : "");
}

void print(const Inspected& in) {
  std::printf("%s: %zu bytes, %zu tensors, %llu parameters\n", in.path.c_str(), in.bytes.size(),
              in.numbers.size(), static_cast<unsigned long long>(in.parameters));
  for (const auto& [key, value] : in.file.metadata()) {
    std::printf("  %s: %s\n", shown(key).c_str(), shown(value).c_str());
  }
  for (std::size_t i = 0; i < in.numbers.size(); ++i) {
    const TensorInfo& tensor = in.file.tensors()[i];
    std::printf("  %-50s %-5s %-16s", shown(tensor.name).c_str(), tensor.dtype_name.c_str(),
                shape_text(tensor.shape).c_str());
    if (in.numbers[i].norm) std::printf(" norm %.6g", *in.numbers[i].norm);
    std::printf("\n");
  }
}

int inspect(const std::filesystem::path& path, bool json) {
  const std::vector<std::filesystem::path> files = files_at(path);
  if (json) {
    std::printf("%s\n", json_list(files, [](const auto& file) { return json_of(Inspected(file)); }).c_str());
  } else {
    for (const auto& file : files) print(Inspected(file));
  }
  return 0;
}

}  // namespace

void add_inspect(CLI::App& program, Job& job) {
  struct Options {
    std::filesystem::path path;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("inspect", "Lists tensors, metadata and norms of safetensors files");
  command->add_option("path", options->path, "A file, or a folder with some")->required();
  command->add_flag("--json", options->json, "Prints JSON");
  command->callback([options, &job] { job = [options] { return inspect(options->path, options->json); }; });
}

}  // namespace limelight::cli
