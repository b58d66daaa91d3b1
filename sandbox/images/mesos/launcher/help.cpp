// Prints what --help prints in a release's mesos-master (PROGRAM=master) or mesos-agent (PROGRAM=slave). For releases
// without an image.
#include "flags_base.h"

namespace mesos::internal {
namespace PROGRAM {
class Flags : Opaque<> {
 public:
  Flags();
};
}  // namespace PROGRAM
}  // namespace mesos::internal

namespace {

alignas(16) unsigned char room[sizeof(mesos::internal::PROGRAM::Flags)];

}  // namespace

int main() {
  auto* flags = new (room) mesos::internal::PROGRAM::Flags();
  std::puts(baseOfProgram(flags)->usage(Option<std::string>()).c_str());
  std::fflush(stdout);
  std::_Exit(EXIT_SUCCESS);
}
