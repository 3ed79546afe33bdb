// Checked memory: every large block of the library comes from here, so that running out is a Status and not
// an abort, and so that tests can see that live bytes return to their baseline.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "limelight/status.hpp"

namespace limelight {

/// Bytes now held by all Buffers of this module.
std::size_t live_bytes();
/// Refuse allocations that would take live_bytes() beyond `bytes` (0: no limit but the machine's).
void set_memory_limit(std::size_t bytes);

/// 64-byte aligned block, or nullptr when there is no memory. Counts towards live_bytes().
void* allocate_bytes(std::size_t bytes);
void release_bytes(void* block, std::size_t bytes);

/// An owned array of trivially copyable T. Move-only. Not initialised.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      release();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  ~Buffer() { release(); }

  /// Replaces the content by `count` uninitialised elements; on failure the old content stays.
  Status resize(std::size_t count) {
    if (count == size_) return {};
    T* fresh = nullptr;
    if (count > 0) {
      if (count > static_cast<std::size_t>(-1) / sizeof(T) ||
          !(fresh = static_cast<T*>(allocate_bytes(count * sizeof(T))))) {
        return Status::error(StatusCode::out_of_memory, "no memory for %zu elements of %zu bytes", count,
                             sizeof(T));
      }
    }
    release();
    data_ = fresh;
    size_ = count;
    return {};
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  void release() {
    if (data_) release_bytes(data_, size_ * sizeof(T));
    data_ = nullptr;
    size_ = 0;
  }
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace limelight
