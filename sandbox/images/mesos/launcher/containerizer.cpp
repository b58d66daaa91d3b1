// mesos-containerizer with only the subcommand `launch`. It waits until the agent has isolated it, and then becomes
// the executor. That is enough for containers that share the machine's file system.
#include <cstring>
#include <new>

#include "flags_base.h"
#include "options.h"

namespace mesos {
namespace internal {
namespace slave {

class MesosContainerizerLaunch : Opaque<> {
 public:
  class Flags : Opaque<1 << 12> {
   public:
    Flags();
  };

  // The flags object of the member `flags`.
  flags::FlagsBase* getFlags();
  int execute();
};

}  // namespace slave
}  // namespace internal
}  // namespace mesos

int main(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "launch") != 0)
    fail("The mesos-containerizer of this test image knows no subcommand but 'launch'");
  using Launch = mesos::internal::slave::MesosContainerizerLaunch;
  Launch* launch = make<Launch>();
  // The library lacks the constructor of MesosContainerizerLaunch, so its member `flags` is constructed here. The
  // member begins a fixed distance before its virtual base, which getFlags() returns. Measure this distance on another
  // object.
  Launch::Flags* measured = make<Launch::Flags>();
  const auto before = reinterpret_cast<char*>(baseOf(measured)) - reinterpret_cast<char*>(measured);
  new (reinterpret_cast<char*>(launch->getFlags()) - before) Launch::Flags();
  // The agent passes all flags in the environment.
  launch->getFlags()
      ->load(Option<std::string>(std::string("MESOS_CONTAINERIZER_")), argc - 1, argv + 1, false, false)
      .get();
  return launch->execute();
}
