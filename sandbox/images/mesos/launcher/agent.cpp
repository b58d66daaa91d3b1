// mesos-agent, called mesos-slave in its image: makes the same calls to the library as the real main().
//
// There is no PendingFutureTracker here. So from 1.9 on, a request for /containerizer/debug ends the agent.
#include <unistd.h>

#include "flags_base.h"
#include "options.h"

namespace mesos {

class SecretGenerator;
class SecretResolver {
 public:
  static Try<SecretResolver*> create(const Option<std::string>& module);
};

namespace slave {
class ResourceEstimator {
 public:
  static Try<ResourceEstimator*> create(const Option<std::string>& module);
};
class QoSController {
 public:
  static Try<QoSController*> create(const Option<std::string>& module);
};
}  // namespace slave

namespace internal {

class PendingFutureTracker;

namespace slave {

class CSIServer;
class VolumeGidManager;

class Flags : Opaque<> {
 public:
  Flags();
};

class GarbageCollector : Opaque<> {
 public:
  explicit GarbageCollector(const std::string& workDir);
};

class TaskStatusUpdateManager : Opaque<> {
 public:
  explicit TaskStatusUpdateManager(const Flags& flags);
};

class Fetcher : Opaque<> {
 public:
  explicit Fetcher(const Flags& flags);
};

class Containerizer {
 public:
  static Try<Containerizer*> create(
      const Flags& flags, bool local, Fetcher* fetcher, GarbageCollector* collector, SecretResolver* resolver
      VOLUME_GID_MANAGER_TYPES FUTURE_TRACKER_TYPES CSI_POINTER_TYPES);
};

class Slave : Opaque<> {
 public:
  Slave(const std::string& id, const Flags& flags, mesos::master::detector::MasterDetector* detector,
        Containerizer* containerizer, Files* files, GarbageCollector* collector, TaskStatusUpdateManager* updates,
        mesos::slave::ResourceEstimator* estimator, mesos::slave::QoSController* controller, SecretGenerator* generator
        VOLUME_GID_MANAGER_TYPES FUTURE_TRACKER_TYPES CSI_OWNED_TYPES EXECUTOR_SOCKET_TYPES,
        const Option<Authorizer*>& authorizer);
};

}  // namespace slave
}  // namespace internal
}  // namespace mesos

using namespace mesos::internal::slave;
using mesos::internal::Files;

namespace {

const std::string ID = "slave(1)";
const std::string READ_ONLY_REALM = "mesos-agent-readonly";
const std::string READ_WRITE_REALM = "mesos-agent-readwrite";

// As for the flags (flags_base.h): a class of the same shape, to find the virtual base in the object.
namespace shape {
struct ProcessBase {
  virtual ~ProcessBase() = default;
  void* data;
};
struct Slave : virtual ProcessBase {
  void* data;
};
}  // namespace shape

process::ProcessBase* processOf(Slave* slave) {
  shape::ProcessBase* base = reinterpret_cast<shape::Slave*>(slave);
  return reinterpret_cast<process::ProcessBase*>(base);
}

}  // namespace

int main(int argc, char** argv) {
  Options options(argc, argv);
  Flags* flags = make<Flags>();
  options.start(baseOfProgram(flags), "5051");
  options.refuse({"ip_discovery_command", "modules", "modules_dir", "hooks", "firewall_rules", "master_detector",
                  "resource_estimator", "qos_controller", "secret_resolver", "jwt_secret_key", "executor_secret_key",
                  "volume_gid_range", "csi_plugin_config_dir", "domain_socket_location"});
  options.refuse({"authorizer"}, {"local"});
  options.refuse({"memory_profiling", "authenticate_http_executors", "http_executor_domain_sockets"}, {"false"});
  const std::optional<std::string> master = options.value("master");
  if (!master) fail("Missing required option `--master` or `--master_detector`.");
  if (options.boolean("systemd_enable_support", true) && systemd::exists())
    fail("This launcher of a test image does not use systemd: set systemd_enable_support to false");
  const std::string workDir = options.value("work_dir").value();  // a required flag: the library has checked it
  makeDirectories(workDir);

  const Option<std::string> none;
  process::initialize(
      Option<std::string>(ID), Option<std::string>(READ_WRITE_REALM), Option<std::string>(READ_ONLY_REALM));
  const Option<mesos::Authorizer*> authorizer = authorizerOf(options);
  Files* files = make<Files>(Option<std::string>(READ_ONLY_REALM), authorizer);
  GarbageCollector* collector = make<GarbageCollector>(workDir);
  auto* updates = make<TaskStatusUpdateManager>(*flags);
  Fetcher* fetcher = make<Fetcher>(*flags);
  mesos::SecretResolver* resolver = mesos::SecretResolver::create(none).get();
  auto* detector = mesos::master::detector::MasterDetector::create(
      Option<std::string>(*master), none, Option<Duration>(Duration::parse("10secs").get())).get();
  Containerizer* containerizer = Containerizer::create(
      *flags, false, fetcher, collector, resolver VOLUME_GID_MANAGER_NONE FUTURE_TRACKER_NONE CSI_POINTER_NONE).get();
  Slave* slave = make<Slave>(
      ID, *flags, detector, containerizer, files, collector, updates,
      mesos::slave::ResourceEstimator::create(none).get(),
      mesos::slave::QoSController::create(none).get(), static_cast<mesos::SecretGenerator*>(nullptr)
      VOLUME_GID_MANAGER_NONE FUTURE_TRACKER_NONE CSI_OWNED_NONE EXECUTOR_SOCKET_NONE, authorizer);
  process::spawn(processOf(slave), false);
  for (;;) pause();
}
