// The functions of the library that both master and agent call. They are declared with the library's own names and
// types, so that the compiler produces the library's symbols. Classes are opaque: they reserve enough memory for an
// object of any release, and define no member functions, which would replace the library's.
#pragma once

#include <cstddef>
#include <memory>
#include <set>

#include "release.h"
#include "stout.h"

// The default size is more than the largest object of the library needs (a master: some 10 kB). `make` gets zeroed
// memory from the kernel, which provides only the pages that are used.
template <std::size_t size = 1 << 18>
struct Opaque {
  alignas(8) unsigned char room[size];
};

namespace process {

class ProcessBase;
class RateLimiter;
struct UPID : Opaque<512> {};
template <class T>
struct PID : Opaque<512> {};
template <class T>
struct Owned {
  void* data[2] = {};
};

bool initialize(
    const Option<std::string>& delegate,
    const Option<std::string>& readwriteRealm,
    const Option<std::string>& readonlyRealm);
UPID spawn(ProcessBase* process, bool manage);
template <class T>
PID<T> spawn(T* process, bool manage);

namespace network {
namespace unix {
struct Address;
}
namespace internal {
template <class Address>
struct Socket : Opaque<64> {};
}  // namespace internal
}  // namespace network

}  // namespace process

namespace flags {

struct Warning {
  std::string message;
};
struct Warnings {
  std::vector<Warning> warnings;
};

class FlagsBase {
 public:
  Try<Warnings> load(
      const Option<std::string>& prefix, int argc, const char* const* argv, bool unknowns, bool duplicates);
  std::string usage(const Option<std::string>& message) const;
};

template <class T>
Try<T> fetch(const std::string& value);

}  // namespace flags

namespace systemd {
bool exists();
}

namespace mesos {

struct ACLs : Opaque<4096> {};

class Authorizer {
 public:
  static Try<Authorizer*> create(const ACLs& acls);
};

namespace master {
namespace detector {
class MasterDetector {
 public:
  static Try<MasterDetector*> create(
      const Option<std::string>& zk, const Option<std::string>& module, const Option<Duration>& sessionTimeout);
};
}  // namespace detector
}  // namespace master

namespace internal {

class Files : Opaque<> {
 public:
  Files(const Option<std::string>& realm, const Option<Authorizer*>& authorizer);
};

namespace logging {
class Flags : Opaque<1 << 14> {
 public:
  Flags();
};
void initialize(const std::string& program, bool installFailureSignalHandler, const Option<Flags>& flags);
}  // namespace logging

}  // namespace internal
}  // namespace mesos
