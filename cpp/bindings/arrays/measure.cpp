// Measurements of how attention is computed.
#include "measure/measure.hpp"

#include <limits>

#include "bindings/calls.hpp"

namespace limelight::bindings {
namespace {

using measure::Measurement;

Measurement& measurement_at(Address measurement) {
  return *reinterpret_cast<Measurement*>(measurement);
}

}  // namespace

/// `variant` is a measure::Variant.
LIMELIGHT_CALL(measureCreate)
double measure_create(int variant, double tokens, double heads, double head_dim) {
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  std::unique_ptr<Measurement> made;
  if (!keep(Measurement::create(static_cast<measure::Variant>(variant), {n(tokens), n(heads), n(head_dim)},
                                made)))
    return 0;
  return handle(made.release());
}
LIMELIGHT_CALL(measureAdvance)
int measure_advance(Address measurement, double milliseconds) {
  return code(measurement_at(measurement).advance(milliseconds));
}
/// 1 when it is finished, and less before.
LIMELIGHT_CALL(measureProgress)
double measure_progress(Address measurement) {
  return measurement_at(measurement).progress();
}
/// milliseconds, repeats, passes, decoded, flops, bytes, difference, error (NaN: none), as doubles at `out`;
/// headDim floats of the last row at `row`.
LIMELIGHT_CALL(measureResult)
void measure_result(Address measurement, Address out, Address row) {
  const measure::Result r = measurement_at(measurement).result();
  const auto n = [](int64_t x) { return static_cast<double>(x); };
  const double values[] = {
      r.milliseconds, n(r.repeats), n(r.passes),  n(r.decoded),
      r.flops,        r.bytes,      r.difference, r.error.value_or(std::numeric_limits<double>::quiet_NaN())};
  std::copy(std::begin(values), std::end(values), reinterpret_cast<double*>(out));
  const std::span<const float> last_row = measurement_at(measurement).last_row();
  std::copy(last_row.begin(), last_row.end(), reinterpret_cast<float*>(row));
}
LIMELIGHT_CALL(measureRelease)
void measure_release(Address measurement) {
  delete &measurement_at(measurement);
}

}  // namespace limelight::bindings
