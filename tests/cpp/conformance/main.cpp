// limelight-conformance FILE.json: computes every case of the file and prints what came out, a line each: a
// JSON object of tensors, or {"refused": why}. Whether that is right is judged by
// tests/conformance/judge.mjs.
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

#include "conformance/cases.hpp"

namespace {

void print(const conformance::Tensor& tensor) {
  std::printf("{\"dtype\": \"%s\", \"shape\": [", tensor.dtype.c_str());
  for (std::size_t i = 0; i < tensor.shape.size(); i++)
    std::printf("%s%lld", i ? ", " : "", static_cast<long long>(tensor.shape[i]));
  std::printf("], \"data\": [");
  for (std::size_t i = 0; i < tensor.data.size(); i++) {
    const float x = tensor.data[i];
    const char* before = i ? ", " : "";
    if (std::isfinite(x)) {
      std::printf("%s%.9g", before, static_cast<double>(x));
    } else {
      std::printf("%s\"%s\"", before, std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
    }
  }
  std::printf("]}");
}

void print(const conformance::Outputs& outputs) {
  const char* before = "{";
  for (const auto& [name, tensor] : outputs) {
    std::printf("%s\"%s\": ", before, name.c_str());
    print(tensor);
    before = ", ";
  }
  std::printf("}\n");
}

void print_refusal(const std::string& why) {
  std::printf("{\"refused\": \"");
  for (char c : why) {
    if (c == '"' || c == '\\') std::putchar('\\');
    std::putchar(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  }
  std::printf("\"}\n");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: limelight-conformance FILE.json\n");
    return 2;
  }
  std::ifstream file(arguments[1], std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  limelight::JsonText text;
  if (const limelight::Status status = text.parse(content, arguments[1]); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.message);
    return 1;
  }
  for (uint32_t index = 1; index < text.size(); index = text[index].end) {
    try {
      conformance::Case c(text, index);
      print(conformance::compute(c));
    } catch (const conformance::Refused& refused) {
      print_refusal(refused.why);
    } catch (const std::exception& error) {  // a shape with too few sizes
      print_refusal(error.what());
    }
  }
}
