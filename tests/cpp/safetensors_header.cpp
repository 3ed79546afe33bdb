#include "limelight/safetensors.hpp"

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

const std::string kGood =
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[3],"data_offsets":[24,30]},)"
    R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"s":{"dtype":"BF16","shape":[],"data_offsets":[30,32]}})";

TEST_CASE("a header gives its tensors in the order of their bytes") {
  std::vector<TensorInfo> tensors;
  CHECK_OK(parse_safetensors_header(kGood + "   ", tensors));  // writers pad with spaces
  REQUIRE(tensors.size() == 3);
  CHECK(tensors[0].name == "a");
  CHECK(tensors[0].dtype == Dtype::f32);
  CHECK(tensors[0].shape == std::vector<int64_t>{2, 3});
  CHECK(tensors[0].end == 24);
  CHECK(tensors[1].name == "b");
  CHECK(tensors[1].dtype == Dtype::f16);
  CHECK(tensors[1].begin == 24);
  CHECK(tensors[2].dtype_name == "BF16");
  CHECK(tensors[2].shape.empty());  // a scalar
}

TEST_CASE("tensors without elements, and names with any characters, are allowed") {
  std::vector<TensorInfo> tensors;
  CHECK_OK(parse_safetensors_header(
      R"({"e":{"dtype":"F32","shape":[0,9223372036854775807,9],"data_offsets":[0,0]},)"
      R"("\u00e9\n\"":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})",
      tensors));
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[1].name == "\u00e9\n\"");
  CHECK(tensors[1].dtype == Dtype::other);
  CHECK_OK(parse_safetensors_header("{}", tensors));
  CHECK(tensors.empty());
}

TEST_CASE("a header that is not what the format says is refused with what is wrong") {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "{\"t\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
  };
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"I8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"I8","shape":[4],"data_offsets":)" + b + "}}";
  };
  const struct {
    std::string header;
    const char* named;
  } kBad[] = {
      {"", "does not begin with {"},
      {" {}", "does not begin with {"},
      {"[]", "does not begin with {"},
      {"{", "no valid JSON"},
      {"{}}", "no valid JSON"},
      {"{} x", "no valid JSON"},
      {std::string("{}\0{}", 5), "NUL"},
      {"{\"t\":1}", "\"t\""},
      {"{\"t\":null}", "\"t\""},
      {"{\"t\":[]}", "\"t\""},
      {"{\"t\":{}}", "exactly dtype, shape and data_offsets"},
      {"{\"__metadata__\":3}", "__metadata__"},
      {R"({"t":{"dtype":"I8","shape":[1],"data_offsets":[0,1],"more":1}})", "exactly"},
      {R"({"t":{"dtype":"I8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", "\"dtype\" twice"},
      {R"({"t":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"t":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}})",
       "\"t\" twice"},
      {entry("8", "[1]", "[0,1]"), "dtype is no string"},
      {entry("\"I8\"", "1", "[0,1]"), "shape is no array"},
      {entry("\"I8\"", "[-1]", "[0,1]"), "no size"},
      {entry("\"I8\"", "[1.0]", "[0,1]"), "no size"},
      {entry("\"I8\"", "[\"1\"]", "[0,1]"), "no size"},
      {entry("\"I8\"", "[[1]]", "[0,1]"), "no size"},
      {entry("\"I8\"", "[9223372036854775808]", "[0,1]"), "no size"},
      {entry("\"I8\"", "[1e400]", "[0,1]"), "no valid JSON"},
      {entry("\"I8\"", "[NaN]", "[0,1]"), "no valid JSON"},
      {entry("\"I8\"", "[1]", "[0]"), "two integers"},
      {entry("\"I8\"", "[1]", "[0,1,2]"), "two integers"},
      {entry("\"I8\"", "[1]", "[0,-1]"), "two integers"},
      {entry("\"I8\"", "[1]", "[0,1.5]"), "two integers"},
      {entry("\"I8\"", "[1]", "[[0],1]"), "two integers"},
      {entry("\"I8\"", "[1]", "[0,18446744073709551616]"), "two integers"},
      {entry("\"I8\"", "[1]", "{\"0\":0}"), "two integers"},
      {entry("\"I8\"", "[1]", "[1,0]"), "end before they begin"},
      {entry("\"F32\"", "[2]", "[0,4]"), "need 8 bytes"},
      {entry("\"F16\"", "[2]", "[0,8]"), "span 8"},
      {entry("\"F32\"", "[4611686018427387904]", "[0,0]"), "2^64"},
      {entry("\"I8\"", "[4294967296,4294967296]", "[0,0]"), "2^64"},
      {entry("\"I8\"", "[1]", "[1,2]"), "begins at byte 1"},
      {two("[0,4]", "[2,6]"), "\"b\" begins at byte 2"},
      {two("[0,4]", "[0,4]"), "\"b\" begins at byte 0"},
      {two("[0,4]", "[5,9]"), "ends at 4"},
      {"{\"a\xff\":1}", "no valid JSON"},
      {"{\"a\\ud800\":1}", "no valid JSON"},
      {"{\"a\xc0\x80\":1}", "no valid JSON"},
      {"{/**/}", "no valid JSON"},
      {"{'a':1}", "no valid JSON"},
      {"{\"a\":1,}", "no valid JSON"},
  };
  for (const auto& bad : kBad) {
    CAPTURE(bad.header);
    std::vector<TensorInfo> tensors(1);
    CHECK_REFUSED(parse_safetensors_header(bad.header, tensors), corrupt_file, bad.named);
    CHECK(tensors.empty());
  }
}

TEST_CASE("nesting as deep as the file is long is refused without recursion") {
  for (const char bracket : {'[', '{'}) {
    std::string deep = "{\"a\":";
    for (int i = 0; i < 1'000'000; ++i) deep += bracket == '[' ? "[" : "{\"a\":";
    std::vector<TensorInfo> tensors;
    CHECK_REFUSED(parse_safetensors_header(deep, tensors), corrupt_file, "nested deeper");
  }
}

TEST_CASE("a header of many tensors is parsed in reasonable memory or refused, and gives all of it back") {
  const std::size_t before = live_bytes();
  std::string header = "{";
  for (int i = 0; i < 20'000; ++i) {
    header += (i ? "," : "") + quoted("t" + std::to_string(i)) +
              R"(:{"dtype":"I8","shape":[0],"data_offsets":[0,0]})";
  }
  header += "}";
  {
    std::vector<TensorInfo> tensors;
    CHECK_OK(parse_safetensors_header(header, tensors));
    CHECK(tensors.size() == 20'000);
    const MemoryLimit limit(before + header.size() * 2);
    CHECK_REFUSED(parse_safetensors_header(header, tensors), out_of_memory, "memory");
    CHECK(tensors.empty());
  }
  CHECK(live_bytes() == before);
}

}  // namespace
}  // namespace limelight::test
