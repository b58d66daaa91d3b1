// mesos-containerizer, as far as containers need it that share the machine's file system: `launch`, which waits until
// the agent has isolated it and then becomes the executor.
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
  // Its constructor is not in the library, so that the member is made here; it lies before its virtual base.
  Launch::Flags* measured = make<Launch::Flags>();
  const auto before = reinterpret_cast<char*>(baseOf(measured)) - reinterpret_cast<char*>(measured);
  new (reinterpret_cast<char*>(launch->getFlags()) - before) Launch::Flags();
  // The agent says all by its environment.
  launch->getFlags()
      ->load(Option<std::string>(std::string("MESOS_CONTAINERIZER_")), argc - 1, argv + 1, false, false)
      .get();
  return launch->execute();
}
