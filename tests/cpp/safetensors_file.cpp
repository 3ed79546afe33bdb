// Whole safetensors files, written and read.
#include "io/safetensors_file.hpp"

#include "checkpoint.hpp"
#include "io/safetensors_writer.hpp"

namespace limelight::test {
namespace {

std::span<const std::byte> raw(const std::vector<float>& numbers) {
  return std::as_bytes(std::span(numbers));
}

struct Written {
  std::vector<float> a = {1, 2, 3, 4, 5, 6}, b = {-0.0f, std::nanf("")};
  std::vector<int64_t> a_shape = {2, 3}, b_shape = {2}, none = {0, 7};
  std::vector<TensorToWrite> tensors = {
      {"", "a", a_shape, raw(a)}, {"m.", "b", b_shape, raw(b)}, {"", "n", none, {}}};
  std::vector<MetadataEntry> metadata = {{"format", "pt"}, {"k\"\\\n\x01\u00e9", "v\"\\\t\x1f\u20ac"}};
  Buffer<std::byte> file;

  Written() { REQUIRE(write_safetensors(tensors, metadata, file).ok()); }
};

TEST_CASE("what is written is read again, bit for bit, with any characters in its texts") {
  Written w;
  SafetensorsFile file;
  CHECK_OK(file.open(w.file.span()));
  REQUIRE(file.tensors().size() == 3);
  REQUIRE(file.find("", "a") != nullptr);
  CHECK(file.find("", "a")->shape == w.a_shape);
  CHECK(file.find("", "a")->dtype == Dtype::f32);
  REQUIRE(file.find("m.", "b") == file.find("", "m.b"));
  CHECK(file.find("", "n")->shape == w.none);
  CHECK(file.find("", "b") == nullptr);
  CHECK(file.find("m.b", "b") == nullptr);
  CHECK(file.bytes(*file.find("", "n")).empty());
  for (const auto& [name, numbers] : {std::pair{"a", w.a}, {"m.b", w.b}}) {
    const std::span<const std::byte> bytes = file.bytes(*file.find("", name));
    REQUIRE(bytes.size() == numbers.size() * sizeof(float));
    CHECK(std::memcmp(bytes.data(), numbers.data(), bytes.size()) == 0);
  }
  REQUIRE(file.metadata().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(file.metadata()[i].key == w.metadata[i].key);
    CHECK(file.metadata()[i].value == w.metadata[i].value);
  }
  CHECK(file.metadata("format") == "pt");
  CHECK(!file.metadata("forma"));
}

TEST_CASE("a written header is what the format describes") {
  const std::vector<float> numbers = {1.5f};
  const std::vector<int64_t> scalar;
  const TensorToWrite tensor[] = {{"", "s", scalar, raw(numbers)}};
  const MetadataEntry metadata[] = {{"a", "b"}};
  const auto text = [](const Buffer<std::byte>& file) {
    return std::string(reinterpret_cast<const char*>(file.data()), file.size());
  };
  Buffer<std::byte> file;
  CHECK_OK(write_safetensors(tensor, metadata, file));
  std::string header = R"({"__metadata__":{"a":"b"},"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  CHECK(text(file) == with_length(header, std::string("\0\0\xc0\x3f", 4)));
  const std::byte small[] = {std::byte{1}, std::byte{2}};
  const std::vector<int64_t> two = {2}, one = {1};
  const TensorToWrite narrow[] = {{"", "i", two, small, Dtype::i8}, {"", "h", one, small, Dtype::f16}};
  CHECK_OK(write_safetensors(narrow, {}, file));
  header =
      R"({"i":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"h":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  CHECK(text(file) == with_length(header, "\1\2\1\2"));
  CHECK_OK(write_safetensors({}, metadata, file));
  CHECK(text(file) == with_length(R"({"__metadata__":{"a":"b"}}      )", ""));
  CHECK_OK(write_safetensors({}, {}, file));
  CHECK(text(file) == with_length("{}      ", ""));
}

TEST_CASE("without memory nothing is written and what was there stays") {
  Written w;
  const Written other;
  const std::size_t before = live_bytes();
  const MemoryLimit limit(before + w.file.size() - 1);
  CHECK_REFUSED(write_safetensors(w.tensors, w.metadata, w.file), out_of_memory, "memory");
  CHECK(live_bytes() == before);
  CHECK(std::memcmp(w.file.data(), other.file.data(), w.file.size()) == 0);
}

TEST_CASE("a file that is cut anywhere, or goes on, is refused") {
  const Written w;
  for (std::size_t size = 0; size < w.file.size(); ++size) {
    CAPTURE(size);
    SafetensorsFile file;
    CHECK_REFUSED(file.open(w.file.span().first(size)), truncated_file, "");
  }
  std::vector<std::byte> longer(w.file.span().begin(), w.file.span().end());
  longer.emplace_back();
  SafetensorsFile file;
  CHECK_REFUSED(file.open(longer), corrupt_file, "32 bytes, and 33 follow");
  std::string announced(8, '\xff');
  CHECK_REFUSED(file.open(bytes_of(announced)), corrupt_file, "announces 18446744073709551615 bytes");
  const std::string number = with_length(R"({"__metadata__":{"a":1}})", "");
  CHECK_REFUSED(file.open(bytes_of(number)), corrupt_file, "__metadata__ \"a\" is no string");
  const std::string array = with_length(R"({"__metadata__":["a"]})", "");
  CHECK_REFUSED(file.open(bytes_of(array)), corrupt_file, "__metadata__");
}

}  // namespace
}  // namespace limelight::test
