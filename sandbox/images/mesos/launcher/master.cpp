// mesos-master: makes the same calls to the library as the real main().
#include <unistd.h>

#include "master_library.h"
#include "flags_base.h"
#include "options.h"

using namespace mesos::internal;

namespace {

const std::string READ_ONLY_REALM = "mesos-master-readonly";
const std::string READ_WRITE_REALM = "mesos-master-readwrite";

// The vtables of two classes: of State, to make an object, because its constructor is inline; of MasterInfo, to find an
// object.
extern "C" void* const stateVtable[] asm("_ZTVN5mesos5state8protobuf5StateE");
extern "C" void* const masterInfoVtable[] asm("_ZTVN5mesos10MasterInfoE");
constexpr int FIRST_FUNCTION = 2;  // index in a vtable, after the offset to the top and the type information

mesos::allocator::Allocator* makeAllocator() {
  using mesos::internal::master::allocator::HierarchicalDRFAllocator;
#if ALLOCATOR_HAS_CONSTRUCTOR
  return reinterpret_cast<mesos::allocator::Allocator*>(make<HierarchicalDRFAllocator>());
#else
  return HierarchicalDRFAllocator::create().get();
#endif
}

mesos::log::Log* makeLog(const Options& options, const std::optional<zookeeper::URL*>& zk) {
  const std::optional<std::string> workDir = options.value("work_dir");
  if (!workDir) fail("--work_dir needed for replicated log based registry");
  makeDirectories(*workDir);
  const std::string path = *workDir + "/replicated_log";
  const Option<std::string> metrics(std::string("registrar/"));
  const bool initialize = options.boolean("log_auto_initialize", true);
  if (!zk) return make<mesos::log::Log>(1, path, *make<std::set<process::UPID>>(), initialize, metrics);

  const std::optional<std::string> quorum = options.value("quorum");
  if (!quorum) fail("Need to specify --quorum for replicated log based registry when using ZooKeeper");
  const zookeeper::URL& url = **zk;
  const Duration timeout = Duration::parse(options.value("zk_session_timeout").value_or("10secs")).get();
  const std::string znode = url.path + "/log_replicas";
  return make<mesos::log::Log>(
      std::stoi(*quorum), path, url.servers, timeout, znode, url.authentication, initialize, metrics);
}

mesos::state::State* makeState(const Options& options, const std::optional<zookeeper::URL*>& zk) {
  struct State {
    void* const* vtable;
    void* storage;
  };
  const std::string registry = options.value("registry").value_or("replicated_log");
  State* state = make<State>();
  state->vtable = stateVtable + FIRST_FUNCTION;
  if (registry == "in_memory")
    state->storage = make<mesos::state::InMemoryStorage>();
  else if (registry == "replicated_log")
    state->storage = make<mesos::state::LogStorage>(makeLog(options, zk), std::size_t{0});
  else
    fail("'" + registry + "' is not a supported option for registry persistence");
  return reinterpret_cast<mesos::state::State*>(state);
}

// Master::info() is inline. The first MasterInfo in the object is the master's own.
const mesos::MasterInfo& infoOf(const mesos::internal::master::Master& master) {
  for (auto word = reinterpret_cast<void* const* const*>(&master); ; ++word)
    if (*word == masterInfoVtable + FIRST_FUNCTION) return *reinterpret_cast<const mesos::MasterInfo*>(word);
}

}  // namespace

int main(int argc, char** argv) {
  Options options(argc, argv);
  auto* flags = make<mesos::internal::master::Flags>();
  options.start(baseOfProgram(flags), "5050");
  options.refuse({"ip_discovery_command", "modules", "modules_dir", "hooks", "firewall_rules", "master_contender",
                  "master_detector", "slave_removal_rate_limit", "agent_removal_rate_limit"});
  options.refuse({"allocator"}, {"HierarchicalDRF", "hierarchical"});
  options.refuse({"authorizers"}, {"local"});
  options.refuse({"memory_profiling"}, {"false"});
  options.refuse({"role_sorter", "user_sorter", "framework_sorter"}, {"drf"});

  Option<std::string> zk;
  std::optional<zookeeper::URL*> url;
  if (const std::optional<std::string> text = options.value("zk")) {
    new (&zk) Option<std::string>(*text);
    url = &(new Try<zookeeper::URL>(zookeeper::URL::parse(*text)))->get();
    if ((*url)->path == "/") fail("Expecting a (chroot) path for ZooKeeper ('/' is not supported)");
  }
  const Option<Duration> timeout(Duration::parse(options.value("zk_session_timeout").value_or("10secs")).get());

  process::initialize(
      Option<std::string>("master"), Option<std::string>(READ_WRITE_REALM), Option<std::string>(READ_ONLY_REALM));
  const Option<mesos::Authorizer*> authorizer = authorizerOf(options);
  mesos::allocator::Allocator* allocator = makeAllocator();
  mesos::state::State* state = makeState(options, url);
  Files* files = make<Files>(Option<std::string>(READ_ONLY_REALM), authorizer);
  auto* registrar = make<mesos::internal::master::Registrar>(*flags, state, Option<std::string>(READ_ONLY_REALM));
  auto* contender = mesos::master::contender::MasterContender::create(zk, Option<std::string>(), timeout).get();
  auto* detector = mesos::master::detector::MasterDetector::create(zk, Option<std::string>(), timeout).get();
  auto* master = make<mesos::internal::master::Master>(
      allocator, registrar, files, contender, detector, authorizer,
      Option<std::shared_ptr<process::RateLimiter>>(), *flags);
  if (!url) {  // without ZooKeeper, the master is told that it leads
    using mesos::master::detector::StandaloneMasterDetector;
    reinterpret_cast<StandaloneMasterDetector*>(detector)->appoint(Option<mesos::MasterInfo>(infoOf(*master)));
  }
  process::spawn(master, false);
  for (;;) pause();
}
