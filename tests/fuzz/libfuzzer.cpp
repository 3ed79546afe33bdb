// The program of one target, LIMELIGHT_FUZZ_TARGET, under libFuzzer: a check that fails is shown and ends it.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstdlib>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  static doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& check) {
    std::fprintf(stderr, "%s:%d: %s is false: %s\n", check.m_file, check.m_line, check.m_expr,
                 check.m_decomp.c_str());
    std::abort();
  });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  limelight::fuzz::LIMELIGHT_FUZZ_TARGET({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
