// The flags that the real main() looks at itself, and the program's start.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "library.h"

// What the launcher gives the library's constructors: zeroed, never freed.
void* allocate(std::size_t size);

template <class T, class... Arguments>
T* make(Arguments&&... arguments) {
  return new (allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
}

class Options {
 public:
  Options(int argc, char** argv) : arguments(argv, argv + argc) {}

  // `--name=value`, else MESOS_NAME, else nothing. A value file:///path stands for the file's content.
  std::optional<std::string> value(const std::string& name) const;
  // The same for a boolean: `--name`, `--no-name`, `--name=true`, MESOS_NAME=true.
  bool boolean(const std::string& name, bool otherwise) const;
  // Exits when one of these flags is given, unless with one of the values that ask for nothing more.
  void refuse(std::initializer_list<const char*> names, std::initializer_list<std::string> harmless = {}) const;

  // Does what the real main() begins with: --help and --version, the flags from command line and environment
  // (unknown ones are fatal), libprocess's address from ip, port and advertise_*, logging.
  void start(flags::FlagsBase* flags, const std::string& defaultPort);

 private:
  std::vector<const char*> arguments;
};

// The authorizer that the flag `acls` asks for, if it is given. Only after process::initialize: it is a process.
Option<mesos::Authorizer*> authorizerOf(const Options& options);

void makeDirectories(const std::string& path);
