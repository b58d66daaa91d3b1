// The flags that the real main() reads itself, and the start of the program.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "library.h"

// Memory for the library's objects: zeroed, never freed.
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
  // Exits with an error if one of these flags has a value that is not harmless, because the launcher ignores it.
  void refuse(std::initializer_list<const char*> names, std::initializer_list<std::string> harmless = {}) const;

  // Does what the real main() does first: handles --help and --version, loads the flags from command line and
  // environment (an unknown one ends the program), sets libprocess's address from ip, port and advertise_*, and starts
  // logging.
  void start(flags::FlagsBase* flags, const std::string& defaultPort);

 private:
  std::vector<const char*> arguments;
};

// The authorizer for the flag `acls`, if that is given. Call it after process::initialize: the authorizer is a process.
Option<mesos::Authorizer*> authorizerOf(const Options& options);

void makeDirectories(const std::string& path);
