#include <algorithm>

#include "kernels/kernels.hpp"
#include "limelight/attention_backward.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"

namespace limelight::training {
namespace {

/// q, k or v: some columns of a tensor.
struct Columns {
  std::size_t slot = 0;  ///< of the operation's inputs, in which a tensor comes once
  int64_t tensor_width = 0, first = 0, heads = 0, seq = 0;
  int64_t width(int64_t head_dim) const { return heads * head_dim; }
};

class Attention final : public Operation {
 public:
  Attention(std::vector<Tensor> inputs, const Columns (&columns)[3], const AttentionForm& form)
      : Operation(std::move(inputs), false),
        columns_{columns[0], columns[1], columns[2]},
        form_(form),
        q_len_(columns[0].seq) {}

  Status forward(Graph& graph) const override {
    const AttentionInputs in = inputs(graph);
    return attend(in, options(graph), output(graph.value(output_).data()), lse(graph), graph.scratch(), {},
                  graph.pool());
  }

  Status backward(Graph& graph) const override {
    const AttentionInputs in = inputs(graph);
    HeadsView<float> to[3];
    float* scratch = graph.scratch().data();
    for (int i = 0; i < 3; ++i) {
      const Columns& c = columns_[i];
      const Gradient gradient = graph.gradient_of_input(*this, c.slot);
      if (in_place(gradient)) {
        to[i] = heads_of(gradient.data, c);
      } else {
        to[i] = HeadsView<float>::seq_first(scratch, form_.batch, c.heads, c.seq, form_.head_dim);
        scratch += form_.batch * to[i].batch_stride;
      }
    }
    clear_other_columns(graph);
    const std::span<float> workspace =
        graph.scratch().subspan(static_cast<std::size_t>(scratch - graph.scratch().data()));
    if (Status s = attend_backward(in, options(graph),
                                   {output<const float>(graph.value(output_).data()), lse(graph),
                                    output<const float>(graph.gradient(output_).data())},
                                   {to[0], to[1], to[2]}, workspace, {}, graph.pool());
        !s.ok()) {
      return s;
    }
    for (int i = 0; i < 3; ++i) {
      const Columns& c = columns_[i];
      const Gradient gradient = graph.gradient_of_input(*this, c.slot);
      if (!gradient.data || in_place(gradient)) continue;
      const int64_t width = c.width(form_.head_dim);
      for (int64_t r = 0; r < form_.batch * c.seq; ++r) {
        kernels::table().add(gradient.data + r * c.tensor_width + c.first, to[i].data + r * width, width);
      }
    }
    return {};
  }

  int64_t kept_floats(const Graph&) const override { return form_.batch * form_.heads * q_len_; }

  int64_t scratch_floats(Graph& graph, int threads) const override {
    const AttentionInputs in = inputs(graph);
    int64_t aside = 0;
    for (const Columns& c : columns_) aside += form_.batch * c.seq * c.width(form_.head_dim);
    return std::max(static_cast<int64_t>(attend_workspace(in, options(graph), threads)),
                    aside + static_cast<int64_t>(attend_backward_workspace(in, options(graph), threads)));
  }

 private:
  /// attend_backward() sets gradients; where they have to be added, or nobody wants them, they go aside.
  static bool in_place(Gradient gradient) { return gradient.data && !gradient.add; }

  template <class T>
  HeadsView<T> heads_of(T* data, const Columns& c) const {
    return {data + c.first,         form_.batch,    c.heads,       c.seq, form_.head_dim,
            c.seq * c.tensor_width, form_.head_dim, c.tensor_width};
  }

  template <class T = float>
  HeadsView<T> output(T* data) const {
    return HeadsView<T>::seq_first(data, form_.batch, form_.heads, q_len_, form_.head_dim);
  }

  AttentionInputs inputs(Graph& graph) const {
    const auto view = [&](const Columns& c) {
      return heads_of<const float>(graph.value(inputs_[c.slot]).data(), c);
    };
    return {view(columns_[0]), view(columns_[1]), view(columns_[2])};
  }

  AttentionOptions options(Graph& graph) const {
    AttentionOptions options;
    options.causal = form_.causal;
    if (form_.key_lengths.index >= 0) options.key_lengths = graph.numbers(form_.key_lengths);
    return options;
  }

  std::span<float> lse(Graph& graph) const {
    return {graph.kept(*this), static_cast<std::size_t>(kept_floats(graph))};
  }

  /// Columns of a tensor that are neither q nor k nor v have no gradient from here.
  void clear_other_columns(Graph& graph) const {
    for (std::size_t slot = 0; slot < inputs_.size(); ++slot) {
      int64_t used = 0;
      for (const Columns& c : columns_) used += c.slot == slot ? c.width(form_.head_dim) : 0;
      const std::span<float> all = graph.gradient(inputs_[slot]);
      if (in_place(graph.gradient_of_input(*this, slot)) && used < graph.shape(inputs_[slot]).width) {
        std::fill(all.begin(), all.end(), 0.0f);
      }
    }
  }

  Columns columns_[3];
  AttentionForm form_;
  int64_t q_len_;
};

}  // namespace

Tensor attention(Graph& graph, Heads q, Heads k, Heads v, const AttentionForm& form) {
  if (graph.refused()) return {};
  const char* const names[] = {"q", "k", "v"};
  const Heads heads[] = {q, k, v};
  const auto refuse = [&](const char* what, const char* name, int64_t value) {
    graph.refuse(Status::error(StatusCode::invalid_shape, "attention: %s of %s is %lld", what, name,
                               static_cast<long long>(value)));
    return Tensor{};
  };
  if (form.batch < 1) return refuse("batch", "all", form.batch);
  AttentionForm full = form;
  if (full.kv_heads == 0) full.kv_heads = form.heads;
  std::vector<Tensor> inputs;
  Columns columns[3];
  for (int i = 0; i < 3; ++i) {
    Columns& c = columns[i];
    const Shape shape = graph.shape(heads[i].tensor);
    c.heads = i == 0 ? full.heads : full.kv_heads;
    c.first = heads[i].column;
    c.tensor_width = shape.width;
    c.seq = shape.rows / form.batch;
    if (shape.rows % form.batch != 0) return refuse("rows without a whole batch", names[i], shape.rows);
    if (c.first < 0 || c.heads < 1 || c.first + c.width(form.head_dim) > shape.width) {
      return refuse("width with this first column and these heads", names[i], shape.width);
    }
    const auto same = [&](Tensor t) { return t.index == heads[i].tensor.index; };
    c.slot = static_cast<std::size_t>(std::find_if(inputs.begin(), inputs.end(), same) - inputs.begin());
    if (c.slot == inputs.size()) inputs.push_back(heads[i].tensor);
    for (int j = 0; j < i; ++j) {
      if (columns[j].slot == c.slot && c.first < columns[j].first + columns[j].width(form.head_dim) &&
          columns[j].first < c.first + c.width(form.head_dim)) {
        return refuse("first column, which belongs to another already,", names[i], c.first);
      }
    }
  }
  if (columns[1].seq != columns[2].seq) return refuse("length, unlike that of k,", "v", columns[2].seq);
  if (full.heads % full.kv_heads != 0) return refuse("heads, no divisor of those of q,", "k", full.kv_heads);
  if (form.key_lengths.index >= 0 && graph.count(form.key_lengths) != form.batch) {
    return refuse("number of key_lengths", "the batch", graph.count(form.key_lengths));
  }
  return graph.append(std::make_unique<Attention>(std::move(inputs), columns, full),
                      {graph.shape(q.tensor).rows, full.heads * form.head_dim});
}

}  // namespace limelight::training
