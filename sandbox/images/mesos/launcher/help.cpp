// What a release's mesos-master (PROGRAM=master) or mesos-agent (PROGRAM=slave) says of its flags with --help; for
// releases of which there is no image.
#include "library.h"

namespace mesos::internal {
namespace PROGRAM {
class Flags : Opaque<> {
 public:
  Flags();
};
}  // namespace PROGRAM
}  // namespace mesos::internal

namespace {

// The shapes of the library's classes, to find the virtual base; see options.cpp.
namespace shape {
struct FlagsBase {
  virtual ~FlagsBase() = default;
  void* data;
};
struct Logging : virtual FlagsBase {
  void* data;
};
struct Flags : virtual Logging {
  void* data;
};
}  // namespace shape

alignas(16) unsigned char room[sizeof(mesos::internal::PROGRAM::Flags)];

}  // namespace

int main() {
  auto* flags = new (room) mesos::internal::PROGRAM::Flags();
  shape::FlagsBase* base = reinterpret_cast<shape::Flags*>(flags);
  std::puts(reinterpret_cast<flags::FlagsBase*>(base)->usage(Option<std::string>()).c_str());
  std::fflush(stdout);
  std::_Exit(EXIT_SUCCESS);
}
