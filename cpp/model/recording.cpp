// What a run keeps: which arrays, where their rows lie, and how they grow or come from another run.
// Everything kept lies in one block of memory, so growing it, and failing to, is one event.
#include <algorithm>
#include <cstring>

#include "model/layout.hpp"
#include "model/run_state.hpp"

namespace limelight {

Status Run::State::set_record(const std::vector<std::string>& patterns) {
  const SiteTable& table = m->sites;
  recorded.assign(table.sites.size(), false);
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (std::size_t i = 0; i < table.sites.size(); ++i) {
      if (!matches(pattern, table.sites[i].name)) continue;
      recorded[i] = any = true;
    }
    if (!any && !(m->encoder && matches_any(m->encoder->state().sites, pattern)))
      return Status::error(StatusCode::unknown_site, "no site of this model is called \"%.100s\"",
                           pattern.c_str());
  }
  std::vector<bool> kept(table.arrays.size());
  for (std::size_t i = 0; i < table.sites.size(); ++i) {
    const auto array = static_cast<std::size_t>(table.sites[i].array);
    if (table.arrays[array].always) recorded[i] = true;
    if (recorded[i]) kept[array] = true;
  }
  const int64_t last = config().layers - 1;
  const auto keeps = [&](ArrayKind kind) {
    const int array = table.array(kind, last);
    return array >= 0 && kept[static_cast<std::size_t>(array)];
  };
  finishes = keeps(ArrayKind::ln_final);
  for (auto kind = static_cast<int>(ArrayKind::attn_out); kind < kArrayKinds; ++kind)
    finishes = finishes || keeps(static_cast<ArrayKind>(kind));
  places.resize(table.arrays.size());
  for (std::size_t a = 0; a < places.size(); ++a) {
    // Terms of the embedding's sum, and what only predictions read, need no place of their own.
    const bool idle = table.arrays[a].kind < ArrayKind::resid_pre && !table.arrays[a].residual;
    places[a] = kept[a]                    ? Place::kept
                : table.arrays[a].residual ? Place::stream
                : idle                     ? Place::nowhere
                                           : Place::step;
  }
  return {};
}

Status Run::State::make_recording(int64_t rows, Recording& fresh) const {
  const auto& arrays = m->sites.arrays;
  Layout layout;
  fresh.base.assign(arrays.size(), 0);
  bool streams = false;
  for (std::size_t a = 0; a < arrays.size(); ++a) {
    if (places[a] == Place::kept)
      fresh.base[a] = layout.add((arrays[a].of_source() ? source_tokens : rows) * arrays[a].features);
    streams = streams || places[a] == Place::stream;
  }
  if (streams) fresh.stream = layout.add(rows * width);
  fresh.lse_by_head = layout.add(rows * attentions() * heads);
  fresh.capacity = rows;
  return layout.take(fresh.floats);
}

/// Room for `rows` rows; what is computed moves along. All or nothing.
Status Run::State::reserve(int64_t rows) {
  Recording fresh;
  Buffer<int32_t> fresh_ids;
  Buffer<float> fresh_cos, fresh_sin;
  if (Status s = make_recording(rows, fresh); !s.ok()) return s;
  if (Status s = fresh_ids.resize(static_cast<std::size_t>(rows)); !s.ok()) return s;
  if (config().rotary) {
    const auto angles = static_cast<std::size_t>(rows * (head_dim / 2));
    if (Status s = fresh_cos.resize(angles); !s.ok()) return s;
    if (Status s = fresh_sin.resize(angles); !s.ok()) return s;
    if (Status s = rotary_table(*config().rotary, head_dim, fresh_cos.span(), fresh_sin.span()); !s.ok())
      return s;
  }
  copy_rows(recording, computed, fresh);
  std::copy_n(ids.data(), tokens, fresh_ids.data());
  recording = std::move(fresh);
  ids = std::move(fresh_ids);
  cos = std::move(fresh_cos);
  sin = std::move(fresh_sin);
  return {};
}

/// The first `count` rows of every array that this run keeps; `from` keeps them too.
void Run::State::copy_rows(Recording& from, int64_t count, Recording& to) const {
  if (count == 0) return;
  for (std::size_t a = 0; a < places.size(); ++a) {
    if (places[a] != Place::kept) continue;
    const RecordedArray& array = m->sites.arrays[a];
    const auto floats =
        static_cast<std::size_t>((array.of_source() ? source_tokens : count) * array.features);
    std::memcpy(to.array(static_cast<int>(a)), from.array(static_cast<int>(a)), floats * sizeof(float));
  }
  for (int64_t row = 0; row < attentions() * heads; ++row) {
    std::memcpy(to.head_lse(row), from.head_lse(row), static_cast<std::size_t>(count) * sizeof(float));
  }
}

int64_t Run::State::reusable_rows(const State& from) const {
  if (!config().causal || from.m != m || from.source != source || from.gates != gates ||
      from.temperatures != temperatures)
    return 0;
  for (std::size_t a = 0; a < places.size(); ++a) {
    if (places[a] == Place::kept && from.places[a] != Place::kept) return 0;
  }
  return common_prefix(from);
}

/// Leading tokens that both runs have and that `from` has computed.
int64_t Run::State::common_prefix(const State& from) const {
  const int64_t most = std::min(tokens, from.computed);
  return std::mismatch(ids.data(), ids.data() + most, from.ids.data()).first - ids.data();
}

/// In a model that reads to both sides every row of every layer changes with any token, but for what the
/// first layer projects: that depends on the token and its place alone.
void Run::State::take_projections(State& from) {
  if (config().causal || from.m != m) return;
  if (pre_norm() && places[static_cast<std::size_t>(m->sites.array(ArrayKind::ln1, 0))] == Place::kept)
    return;
  projected = common_prefix(from);
  if (projected == 0) return;
  for (const ArrayKind kind : {ArrayKind::q, ArrayKind::k, ArrayKind::v})
    std::copy_n(from.rows(kind, 0, 0), projected * width, rows(kind, 0, 0));
}

float* Run::State::at(int array, int64_t row) {
  const auto a = static_cast<std::size_t>(array);
  const RecordedArray& info = m->sites.arrays[a];
  switch (places[a]) {
    case Place::kept:
      return recording.array(array) + row * info.features;
    case Place::stream:
      return recording.floats.data() + recording.stream + row * info.features;
    case Place::step:
      return scratch.data() + step_base[static_cast<int>(info.kind)] + (row - step.first) * info.features;
    case Place::nowhere:
      break;
  }
  return nullptr;
}

}  // namespace limelight
