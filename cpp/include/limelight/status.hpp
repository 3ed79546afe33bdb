// One list of outcomes for the whole library. Nothing here allocates, so even "out of memory" can be
// reported.
#pragma once

#include <cstdarg>

namespace limelight {

/// Every way in which a call can fail. `status_name` gives the stable text that the JavaScript API uses as
/// `error.code`.
enum class StatusCode {
  ok,
  invalid_shape,      ///< a size, length, stride or range does not fit
  invalid_value,      ///< a number that may not be there: NaN, infinity, a negative scale
  invalid_option,     ///< an option that does not exist or does not go with the others
  invalid_token,      ///< a token id outside the vocabulary
  text_too_long,      ///< more tokens than the model has positions
  out_of_memory,      ///< the allocation failed or would pass the memory limit; nothing was changed
  corrupt_file,       ///< bytes that are no valid safetensors or JSON
  truncated_file,     ///< the file ends before what its header announces
  unsupported_model,  ///< a family, activation or dtype that this library does not compute
  missing_tensor,     ///< the configuration needs a tensor that the file has not got
  unknown_tensor,     ///< the file holds a tensor that the configuration does not know
  misshapen_tensor,   ///< a tensor whose shape or dtype is not the one needed
  unknown_site,       ///< no recorded site of that name
  not_recorded,       ///< the site exists and this run did not record it
  not_finished,       ///< asked of a run that has not been advanced to its end
};

/// Stable kebab-case name of a code: "invalid-shape", "out-of-memory", ...
const char* status_name(StatusCode code);

/// A code and one sentence that names the offending value. Holds its text in place: copying never allocates.
struct [[nodiscard]] Status {
  StatusCode code = StatusCode::ok;
  char message[252] = {};

  bool ok() const { return code == StatusCode::ok; }
  /// printf-style, with the conversions that base/format.hpp lists; longer texts are cut.
  static Status error(StatusCode code, const char* format, ...) __attribute__((format(printf, 2, 3)));
};

}  // namespace limelight
