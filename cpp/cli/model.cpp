#include "cli/model.hpp"

#include "cli/error.hpp"
#include "cli/files.hpp"

namespace limelight::cli {

std::shared_ptr<const Model> load_model(const std::filesystem::path& folder) {
  ModelLoader loader;
  check(loader.configure(text_of(read_file(folder / "config.json"))));
  check(loader.feed(read_file(folder / "model.safetensors").span()));
  std::shared_ptr<const Model> model;
  check(loader.finish(model));
  return model;
}

}  // namespace limelight::cli
