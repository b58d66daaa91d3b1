#include "options.h"

#include <sys/mman.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "flags_base.h"

namespace {

// The flags for libprocess's address, and the environment variables that libprocess reads.
constexpr const char* LIBPROCESS[][2] = {
    {"ip", "LIBPROCESS_IP"},
    {"port", "LIBPROCESS_PORT"},
    {"advertise_ip", "LIBPROCESS_ADVERTISE_IP"},
    {"advertise_port", "LIBPROCESS_ADVERTISE_PORT"},
};

bool startsWith(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

std::string contentOf(const std::string& value) {
  if (!startsWith(value, "file://")) return value;
  std::ifstream file(value.substr(7));
  if (!file) fail("Failed to read '" + value + "'");
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  text.erase(text.find_last_not_of(" \n\t\r") + 1);
  return text;
}

bool isTrue(const std::string& name, const std::string& value) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  fail("Failed to load flag '" + name + "': Expecting a boolean (e.g., true or false)");
}

}  // namespace

void* allocate(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("Out of memory");
  return memory;
}

std::optional<std::string> Options::value(const std::string& name) const {
  for (const char* argument : arguments)
    if (startsWith(argument, "--" + name + "=")) return contentOf(argument + name.size() + 3);
  std::string variable = "MESOS_";
  for (char c : name) variable += static_cast<char>(std::toupper(c));
  if (const char* text = std::getenv(variable.c_str())) return contentOf(text);
  return std::nullopt;
}

bool Options::boolean(const std::string& name, bool otherwise) const {
  for (const char* argument : arguments) {
    if (argument == "--" + name) return true;
    if (argument == "--no-" + name) return false;
  }
  std::optional<std::string> text = value(name);
  return text ? isTrue(name, *text) : otherwise;
}

void Options::refuse(std::initializer_list<const char*> flags, std::initializer_list<std::string> harmless) const {
  for (const std::string flag : flags) {
    const bool alone = std::find(arguments.begin(), arguments.end(), "--" + flag) != arguments.end();
    const std::optional<std::string> text = value(flag);
    if (alone || (text && std::find(harmless.begin(), harmless.end(), *text) == harmless.end()))
      fail("The launcher of this test image does not do what the flag '" + flag + "' asks for");
  }
}

void Options::start(flags::FlagsBase* flags, const std::string& defaultPort) {
  for (const char* argument : arguments) {
    if (argument == std::string("--help")) {
      std::puts(flags->usage(Option<std::string>()).c_str());
      std::exit(EXIT_SUCCESS);
    }
    if (argument == std::string("--version")) {
      std::puts("mesos " MESOS_VERSION);
      std::exit(EXIT_SUCCESS);
    }
  }
  const int count = static_cast<int>(arguments.size());
  const Option<std::string> prefix(std::string("MESOS_"));
  Try<flags::Warnings> loaded = flags->load(prefix, count, arguments.data(), false, false);
  if (loaded.data.state != loaded.data.SOME) fail(flags->usage(Option<std::string>(loaded.error.value.message)));

  setenv("LIBPROCESS_PORT", defaultPort.c_str(), 1);
  for (auto [flag, variable] : LIBPROCESS)
    if (std::optional<std::string> text = value(flag)) setenv(variable, text->c_str(), 1);

  // Load the logging flags again, into a separate object, because the library needs an Option<logging::Flags>.
  using Logging = mesos::internal::logging::Flags;
  Option<Logging>* logging = make<Option<Logging>>();
  new (&logging->value) Logging();
  logging->state = logging->SOME;
  baseOf(&logging->value)->load(prefix, count, arguments.data(), true, false).get();
  mesos::internal::logging::initialize(arguments[0], true, *logging);
  for (const flags::Warning& warning : loaded.data.value.warnings)
    std::fprintf(stderr, "WARNING: %s\n", warning.message.c_str());
}

// A map of functions that ask the authorizer about requests to libprocess's own endpoints, such as /metrics/snapshot.
struct Callbacks : Opaque<256> {};
Callbacks createCallbacks(mesos::Authorizer* authorizer) asm(CREATE_AUTHORIZATION_CALLBACKS);
void setCallbacks(const Callbacks& callbacks)
    asm("_ZN7process4http13authorization12setCallbacksERK7hashmapINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
        "St8functionIFNS_6FutureIbEENS0_7RequestE6OptionINS0_14authentication9PrincipalEEEESt4hashIS8_E"
        "St8equal_toIS8_EE");

Option<mesos::Authorizer*> authorizerOf(const Options& options) {
  std::optional<std::string> acls = options.value("acls");
  if (!acls) return {};
  // The flag was parsed before, with all other flags; an error would have ended the program there.
  auto* parsed = new (allocate(sizeof(Try<mesos::ACLs>))) Try<mesos::ACLs>(flags::fetch<mesos::ACLs>(*acls));
  mesos::Authorizer* authorizer = mesos::Authorizer::create(parsed->data.value).get();
  setCallbacks(*new (allocate(sizeof(Callbacks))) Callbacks(createCallbacks(authorizer)));
  return authorizer;
}

void makeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail("Failed to create directory '" + path + "': " + error.message());
}
