// The value types of stout, as the library lays them out in memory (the same in Mesos 1.7 to 1.11).
//
// All members are inlined into their callers. Otherwise the launcher would have a copy, for example, of the constructor
// of Option<string>, which would replace the library's own when the program is loaded.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#define INLINE [[gnu::always_inline]]

// Exits without running the library's destructors, while its threads still use what they would destroy.
[[noreturn]] inline void fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::_Exit(EXIT_FAILURE);
}

// Values are never destroyed, because all of the launcher's values live as long as its process.
template <class T>
struct Option {
  enum { SOME, NONE } state;
  union {
    T value;
  };
  INLINE Option() : state(NONE) {}
  INLINE Option(const T& value_) : state(SOME) { new (&value) T(value_); }
  INLINE ~Option() {}
};

struct Error {
  std::string message;
};

template <class T, class E = Error>
struct Try {
  Option<T> data;
  Option<E> error;

  INLINE T& get() {
    if (data.state != Option<T>::SOME) fail(error.value.message);
    return data.value;
  }
};

struct Duration {
  std::int64_t nanoseconds;
  static Try<Duration> parse(const std::string& text);
};
