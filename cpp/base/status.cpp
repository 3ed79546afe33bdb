#include "limelight/status.hpp"

#include "base/format.hpp"

namespace limelight {

const char* status_name(StatusCode code) {
  switch (code) {
    case StatusCode::ok:
      return "ok";
    case StatusCode::invalid_shape:
      return "invalid-shape";
    case StatusCode::invalid_value:
      return "invalid-value";
    case StatusCode::invalid_option:
      return "invalid-option";
    case StatusCode::invalid_token:
      return "invalid-token";
    case StatusCode::text_too_long:
      return "text-too-long";
    case StatusCode::out_of_memory:
      return "out-of-memory";
    case StatusCode::corrupt_file:
      return "corrupt-file";
    case StatusCode::truncated_file:
      return "truncated-file";
    case StatusCode::unsupported_model:
      return "unsupported-model";
    case StatusCode::missing_tensor:
      return "missing-tensor";
    case StatusCode::unknown_tensor:
      return "unknown-tensor";
    case StatusCode::misshapen_tensor:
      return "misshapen-tensor";
    case StatusCode::unknown_site:
      return "unknown-site";
    case StatusCode::not_recorded:
      return "not-recorded";
    case StatusCode::not_finished:
      return "not-finished";
  }
  return "unknown";
}

Status Status::error(StatusCode code, const char* format, ...) {
  Status status;
  status.code = code;
  va_list arguments;
  va_start(arguments, format);
  format_text(status.message, sizeof status.message, format, arguments);
  va_end(arguments);
  return status;
}

}  // namespace limelight
