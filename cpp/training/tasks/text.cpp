#include "training/tasks/text.hpp"

#include <algorithm>
#include <utility>

namespace limelight::training {

Status open_text(std::string_view training, std::string_view held_out, int64_t least, Text& text) {
  Text opened;
  for (const auto& [path, file] : {std::pair{training, &opened.training}, {held_out, &opened.held_out}}) {
    if (Status s = file->open(path); !s.ok()) return s;
    if (std::ssize(file->ids()) < least) {
      return Status::error(StatusCode::invalid_shape, "%.*s has %zu tokens; %lld are needed",
                           static_cast<int>(std::min<std::size_t>(path.size(), 120)), path.data(),
                           file->ids().size(), static_cast<long long>(least));
    }
  }
  const TokenFile &a = opened.training, &b = opened.held_out;
  if (a.vocabulary() != b.vocabulary() || a.first_inside() != b.first_inside()) {
    return Status::error(StatusCode::invalid_shape,
                         "the held-out tokens are of a vocabulary of %lld, not %lld",
                         static_cast<long long>(b.vocabulary()), static_cast<long long>(a.vocabulary()));
  }
  text = std::move(opened);
  return {};
}

}  // namespace limelight::training
